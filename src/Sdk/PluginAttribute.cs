namespace PluginHost.Sdk;

/// <summary>
/// Registers a plugin class under a name for use in chains. Put one on the assembly for every plugin class. The host reads the
/// attributes from metadata and never scans types.
/// </summary>
/// <typeparam name="TPlugin">
/// The plugin class. It implements one or more of the plugin interfaces (<see cref="IHistoryProvider"/>,
/// <see cref="IContextProvider"/>, <see cref="IRunMiddleware"/>, <see cref="IChatMiddleware"/>,
/// <see cref="IFunctionMiddleware"/>, <see cref="ISessionStore"/>, <see cref="IChatClientFactory"/>), which are its
/// kinds, and has one public constructor <c>(TOptions options, PluginContext context)</c>.
/// </typeparam>
/// <typeparam name="TOptions">
/// A record with the plugin's options. The host reads their names, types, defaults and allowed values from the parameters of the
/// primary constructor and from attributes (<c>[Range]</c>, <c>[AllowedValues]</c>, <c>[Required]</c>, <c>[MinLength]</c>,
/// <c>[MaxLength]</c>, <c>[StringLength]</c>, <c>[RegularExpression]</c>) without running plugin code. Use
/// <see cref="NoOptions"/> for a plugin without options.
/// </typeparam>
/// <param name="name">The name in chains: 1 to 64 lower case letters, digits and hyphens; begins with a letter; unique on a host.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class PluginAttribute<TPlugin, TOptions>(string name) : Attribute
    where TPlugin : class
    where TOptions : class
{
    /// <summary>The plugin's name in chains.</summary>
    public string Name { get; } = name;

    /// <summary>
    /// Whether an entry may set <c>OnError</c> to <c>skip</c>. Default: true. Set it to false for a plugin that protects data,
    /// such as redaction: a run must not continue without it.
    /// </summary>
    public bool AllowSkip { get; init; } = true;
}

/// <summary>The options type of a plugin without options.</summary>
public sealed record NoOptions;
