namespace PluginHost.Architecture.Tables;

/// <summary>What breaks a rule and may, each with its reason. A finding that has gone has to go from here, too.</summary>
internal static class Exceptions
{
    /// <summary>From the arrows between folders.</summary>
    public static IReadOnlyDictionary<string, string> FolderArrows { get; } = Join();

    /// <summary>From "no plugin's code is called but by the choke point".</summary>
    public static IReadOnlyDictionary<string, string> PluginCalls { get; } = Join(
        ("The end of a stream that was read here; it is not timed yet.",
        [
            "Engine/Chains/Model/ChatMiddlewareClient.cs calls IAsyncDisposable.DisposeAsync",
            "Engine/Chains/Model/ModelBoundary.cs calls IAsyncDisposable.DisposeAsync",
            "Host/Telemetry/Spans/ObservedChatClient.cs calls IAsyncDisposable.DisposeAsync",
        ]),
        ("The one place that disposes either way: a plugin and what it keeps for a run through the choke point, what it shares by the one that leaves last, whose disposal is timed, and what a call returned after it was given up.",
        [
            "Engine/Plugins/AnyDisposal.cs calls IAsyncDisposable.DisposeAsync",
            "Engine/Plugins/AnyDisposal.cs calls IDisposable.Dispose",
        ]),
        ("It passes on a call that the choke point makes, to the build of the plugin that has the resource now.",
        [
            "Engine/Plugins/ReplaceableCleanup.cs calls IMessageCleanup.DeleteMessageDataAsync",
            "Engine/Plugins/ReplaceableCleanup.cs calls ISessionCleanup.DeleteSessionDataAsync",
            "Engine/Plugins/ReplaceableExplanations.cs calls IRunExplanations.DeleteExplanationsAsync",
            "Engine/Plugins/ReplaceableExplanations.cs calls IRunExplanations.ReadExplanationAsync",
            "Engine/Plugins/ReplaceableExplanations.cs calls IRunExplanations.WriteExplanationAsync",
            "Engine/Plugins/ReplaceableHistory.cs calls IHistoryProvider.AppendAsync",
            "Engine/Plugins/ReplaceableHistory.cs calls IHistoryProvider.DeleteAsync",
            "Engine/Plugins/ReplaceableHistory.cs calls IHistoryProvider.LoadAsync",
            "Engine/Plugins/ReplaceableStore.cs calls IRunJournal.FindOpenRunsAsync",
            "Engine/Plugins/ReplaceableStore.cs calls IRunJournal.ReadAsync",
            "Engine/Plugins/ReplaceableStore.cs calls IRunJournal.WriteAsync",
            "Engine/Plugins/ReplaceableStore.cs calls ISessionStore.CountSessionsAsync",
            "Engine/Plugins/ReplaceableStore.cs calls ISessionStore.DeleteAsync",
            "Engine/Plugins/ReplaceableStore.cs calls ISessionStore.FindRunsAsync",
            "Engine/Plugins/ReplaceableStore.cs calls ISessionStore.FindSessionsAsync",
            "Engine/Plugins/ReplaceableStore.cs calls ISessionStore.SaveAsync",
            "Engine/Plugins/ReplaceableStore.cs calls ISessionStore.SearchRunsAsync",
        ]),
        ("A store compares two objects, without I/O; the answer decides what one commit holds.",
        [
            "Engine/Sessions/Store/SessionStoreClient.cs calls ISessionStore.Covers",
            "Engine/Plugins/ReplaceableStore.cs calls ISessionStore.Covers",
        ]),
        ("An enumerator of the engine, no plugin's object.",
        [
            "Host/Http/Streaming/EventReader.cs calls IAsyncDisposable.DisposeAsync",
        ]),
        ("A client or a listener of the host, no plugin's object.",
        [
            "Host/ModelClients/ChatClients.cs calls IDisposable.Dispose",
            "Host/Telemetry/Export/TelemetryShutdown.cs calls IDisposable.Dispose",
        ]));

    /// <summary>From "exceptions are logged without their texts".</summary>
    public static IReadOnlyDictionary<string, string> RawExceptions { get; } = Join(
        ("It is for a plugin's author, at level Debug, before any run.", ["Engine/Plugins/Activation/Log.cs logs an exception in PluginFailed"]),
        ("It is what a plugin threw, for operators, under the category of the plugin.", ["Engine/Calls/Log.cs logs an exception in PluginThrew", "Engine/Calls/Log.cs logs an exception in PluginThrewInRun"]),
        ("It says which issuer does not answer; no user wrote that.", ["Host/Http/Log.cs logs an exception in TokenUnchecked"]));

    /// <summary>The reason of each finding.</summary>
    private static Dictionary<string, string> Join(params (string Reason, string[] Findings)[] groups) =>
        groups.SelectMany(g => g.Findings, (g, finding) => (finding, g.Reason)).ToDictionary(e => e.finding, e => e.Reason);
}
