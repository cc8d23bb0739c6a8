using System.Runtime.InteropServices;
using System.Text.Json;

namespace PluginHost.Http.Binding;

/// <summary>The names of one object's properties. Most objects have a few, for which a list is faster than a set.</summary>
internal readonly struct PropertyNames(int count)
{
    private const int Few = 12;

    private readonly List<string>? _few = count <= Few ? new List<string>(count) : null;
    private readonly HashSet<string>? _many = count <= Few ? null : new HashSet<string>(count, StringComparer.Ordinal);

    /// <summary>
    /// Whether an object has a few properties with different names and no escapes in them, so that nothing can be wrong with them. Makes
    /// no strings.
    /// </summary>
    public static bool ArePlain(JsonElement value)
    {
        if (value.GetPropertyCount() > Few) return false;
        var index = 0;
        foreach (var property in value.EnumerateObject())
        {
            var name = JsonMarshal.GetRawUtf8PropertyName(property);
            if (name.Contains((byte)'\\') || IsAmong(value, index++, name)) return false;
        }

        return true;
    }

    /// <returns>False when the name is there already.</returns>
    public bool Add(string name)
    {
        if (_many is not null) return _many.Add(name);
        if (_few!.Contains(name)) return false;
        _few.Add(name);
        return true;
    }

    private static bool IsAmong(JsonElement value, int first, ReadOnlySpan<byte> name)
    {
        foreach (var property in value.EnumerateObject())
        {
            if (first-- == 0) return false;
            if (name.SequenceEqual(JsonMarshal.GetRawUtf8PropertyName(property))) return true;
        }

        return false;
    }
}
