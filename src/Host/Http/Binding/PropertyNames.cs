namespace PluginHost.Http.Binding;

/// <summary>The names of one object's properties. Most objects have a few, for which a list is faster than a set.</summary>
internal readonly struct PropertyNames(int count)
{
    private const int Few = 12;

    private readonly List<string>? _few = count <= Few ? new List<string>(count) : null;
    private readonly HashSet<string>? _many = count <= Few ? null : new HashSet<string>(count, StringComparer.Ordinal);

    /// <returns>False when the name is there already.</returns>
    public bool Add(string name)
    {
        if (_many is not null) return _many.Add(name);
        if (_few!.Contains(name)) return false;
        _few.Add(name);
        return true;
    }
}
