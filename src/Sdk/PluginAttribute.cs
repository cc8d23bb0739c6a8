namespace PluginHost.Sdk;

/// <summary>
/// Registers a plugin class under the name that chains use for it. Put one on the assembly for every plugin class; the
/// host reads them from metadata and never scans types.
/// </summary>
/// <typeparam name="TPlugin">
/// The plugin class. It implements one or more of the plugin interfaces (<see cref="IHistoryProvider"/>,
/// <see cref="IContextProvider"/>, <see cref="IRunMiddleware"/>, <see cref="IChatMiddleware"/>,
/// <see cref="IFunctionMiddleware"/>, <see cref="ISessionStore"/>, <see cref="IChatClientFactory"/>), which decide its
/// kinds, and has one public constructor <c>(TOptions options, IPluginContext context)</c>.
/// </typeparam>
/// <typeparam name="TOptions">
/// A record with the plugin's options. Their names, types, defaults and allowed values are read from the primary
/// constructor's parameters and from attributes (<c>[Range]</c>, <c>[AllowedValues]</c>, <c>[Required]</c>, <c>[MinLength]</c>,
/// <c>[MaxLength]</c>, <c>[StringLength]</c>, <c>[RegularExpression]</c>) without running plugin code. Use <see cref="NoOptions"/> when there are none.
/// </typeparam>
/// <param name="name">The name in chains: 1 to 64 lower case letters, digits and hyphens, beginning with a letter; unique on a host.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class PluginAttribute<TPlugin, TOptions>(string name) : Attribute
    where TPlugin : class
    where TOptions : class
{
    /// <summary>The plugin's name in chains.</summary>
    public string Name { get; } = name;

    /// <summary>
    /// Whether an entry may set <c>OnError</c> to <c>skip</c>; yes unless set. Say no for a plugin that protects something,
    /// such as a redaction: a run must then not go on without it.
    /// </summary>
    public bool AllowSkip { get; init; } = true;
}

/// <summary>Options of a plugin that has none.</summary>
public sealed record NoOptions;
