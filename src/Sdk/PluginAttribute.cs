namespace PluginHost.Sdk;

/// <summary>
/// Registers a plugin class under a name for use in chains. Put one on an assembly of the plugin's folder for every plugin class. The
/// host reads the attributes from metadata and never scans types.
/// </summary>
/// <param name="name">The name in chains: 1 to 64 lower case letters, digits and hyphens; begins with a letter; unique on a host.</param>
/// <param name="type">
/// The plugin class: public, not abstract, not generic. It implements one or more of the plugin interfaces
/// (<see cref="IHistoryProvider"/>, <see cref="IContextProvider"/>, <see cref="IRunMiddleware"/>, <see cref="IChatMiddleware"/>,
/// <see cref="IFunctionMiddleware"/>, <c>ISessionStore</c>, <see cref="IChatClientFactory"/>), which are its kinds. Its public
/// constructor is one of <c>()</c>, <c>(options)</c>, <c>(context)</c> and <c>(options, context)</c>, where the options have the type of
/// <see cref="Options"/> and the context is a <see cref="PluginContext"/>. Of several the host calls the one with the most parameters.
/// </param>
/// <example><c>[assembly: Plugin("clock", typeof(Clock), Options = typeof(ClockOptions))]</c></example>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class PluginAttribute(string name, Type type) : Attribute
{
    /// <summary>The plugin's name in chains.</summary>
    public string Name { get; } = name;

    /// <summary>The plugin class.</summary>
    public Type Type { get; } = type;

    /// <summary>
    /// A public record or class with the plugin's options; null for a plugin without options. The host reads their names, types and
    /// allowed values from metadata, without running plugin code: from the parameters of the constructor, from other public properties
    /// that can be set, and from attributes (<c>[Range]</c>, <c>[AllowedValues]</c>, <c>[Required]</c>, <c>[MinLength]</c>,
    /// <c>[MaxLength]</c>, <c>[StringLength]</c>, <c>[RegularExpression]</c>, <c>[DefaultValue]</c>).
    /// </summary>
    public Type? Options { get; init; }

    /// <summary>
    /// Whether an entry may set <c>OnError</c> to <c>skip</c>. Default: true. Set it to false for a plugin that protects data,
    /// such as redaction: a run must not continue without it.
    /// </summary>
    public bool AllowSkip { get; init; } = true;
}

/// <summary>The type of the options of a plugin that registers none. For the host.</summary>
internal sealed record NoOptions;
