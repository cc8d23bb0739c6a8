namespace PluginHost.Analyzers;

/// <summary>All rules, in the order of their ids. docs/plugins/analyzers.md explains each of them.</summary>
internal static class Rules
{
    public static readonly DiagnosticDescriptor Registration = Create(
        "PH0001", "A plugin is registered wrongly", "Plugin '{0}': {1}");

    public static readonly DiagnosticDescriptor FieldWritten = Create(
        "PH0002",
        "A call of the host changes a field",
        "'{0}' is changed by {1}, which the host calls concurrently for different sessions. Keep values of a run in locals or in session state, or lock.");

    public static readonly DiagnosticDescriptor MessageChanged = Create(
        "PH0003",
        "A message is changed in place",
        "This changes a message in place. The host passes copies, and messages that histories keep: change a clone and pass it on.");

    public static readonly DiagnosticDescriptor NextTwice = Create(
        "PH0004", "next is called more than once", "'{0}' may be called more than once here. The host throws at the second call.");

    public static readonly DiagnosticDescriptor NextNotAwaited = Create(
        "PH0005", "next is not awaited", "'{0}' is called and not awaited. Await it or return its task: a call that outlives the method is cut off.");

    public static readonly DiagnosticDescriptor Clock = Create(
        "PH0006", "The system's clock is read", "Use the TimeProvider of the plugin's context instead of {0}, so that tests can set the time");

    public static readonly DiagnosticDescriptor Blocking = Create(
        "PH0007", "A call of the host blocks its thread", "'{0}' blocks the thread of a run. Await instead.");

    private static DiagnosticDescriptor Create(string id, string title, string message) =>
        new(id, title, message, "PluginHost", DiagnosticSeverity.Warning, isEnabledByDefault: true);
}
