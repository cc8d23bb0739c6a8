namespace PluginHost.Engine.Configuration.Binding;

/// <summary>
/// The values of a section, complete with defaults, by the names of its options. A value is a scalar, a choice's word, a list
/// (<see cref="List{T}"/> of <see cref="object"/>), a map (<see cref="Dictionary{TKey,TValue}"/>), a section of its own, or null.
/// </summary>
internal sealed record OptionValues(IReadOnlyDictionary<string, object?> Members);
