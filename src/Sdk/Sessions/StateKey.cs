using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace PluginHost.Sdk;

/// <summary>
/// The name and type of a value in session state; keep one in a static field. <c>string</c>, <c>bool</c>, <c>int</c>, <c>long</c>,
/// <c>double</c>, <c>decimal</c>, <c>DateTimeOffset</c>, <c>TimeSpan</c>, <c>Guid</c> and <c>List&lt;string&gt;</c> need nothing else, and
/// other types their JSON metadata. Immutable.
/// </summary>
/// <typeparam name="T">The value's type.</typeparam>
public sealed class StateKey<T>
{
    /// <summary>Creates a key.</summary>
    /// <param name="name">The name within the plugin instance's state, compared by ordinal; not empty.</param>
    /// <param name="type">The JSON metadata, usually source-generated; null for a simple type.</param>
    /// <exception cref="ArgumentException">The name is empty, or the type is not simple and has no metadata.</exception>
    public StateKey(string name, JsonTypeInfo<T>? type = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
        Type = type ?? SimpleStateJson.Default.GetTypeInfo(typeof(T)) as JsonTypeInfo<T>
            ?? throw new ArgumentException($"{typeof(T).Name} needs its JSON metadata.", nameof(type));
    }

    /// <summary>The name within the plugin instance's state.</summary>
    public string Name { get; }

    internal JsonTypeInfo<T> Type { get; }
}

[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(int))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(decimal))]
[JsonSerializable(typeof(DateTimeOffset))]
[JsonSerializable(typeof(TimeSpan))]
[JsonSerializable(typeof(Guid))]
[JsonSerializable(typeof(List<string>))]
internal sealed partial class SimpleStateJson : JsonSerializerContext;
