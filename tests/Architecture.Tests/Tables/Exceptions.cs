namespace PluginHost.Architecture.Tables;

/// <summary>What breaks a rule and may, each with its reason. A finding that has gone has to go from here, too.</summary>
internal static class Exceptions
{
    /// <summary>From the arrows between folders.</summary>
    public static IReadOnlyDictionary<string, string> FolderArrows { get; } = Join(
        ("The answers of runs and the binder of bodies are still the native API's; both interfaces are to share them.",
        [
            "Host/Http/Description/OperationDescription.cs uses Native/Streaming/MessageDelta",
            "Host/Http/Description/OperationDescription.cs uses Native/Streaming/ToolCompleted",
            "Host/Http/Description/OperationDescription.cs uses Native/Streaming/ToolStarted",
            "Host/Http/Description/SchemaDescription.cs uses Native/Resources/RunBody",
            "Host/Http/Description/SchemaNames.cs uses Native/Resources/ListResource",
            "Host/Http/Errors/ProblemMiddleware.cs uses Native/Responses",
            "Host/Http/Streaming/EventStream.cs uses Native/Streaming/RunEventMapper",
            "Host/Http/Streaming/EventStream.cs uses Native/Streaming/WireEvent",
            "Host/Http/Streaming/SseWriter.cs uses Native/ApiJson",
            "Host/Http/Streaming/SseWriter.cs uses Native/Streaming/WireEvent",
            "Host/OpenAI/Chat/ChatEndpoints.cs uses Native/Responses",
            "Host/OpenAI/Chat/ChatRequestReader.cs uses Native/Binding/MetadataReader",
            "Host/OpenAI/Conversations/ConversationEndpoints.cs uses Native/Binding/MetadataReader",
            "Host/OpenAI/Conversations/ConversationEndpoints.cs uses Native/Responses",
            "Host/OpenAI/Conversations/ConversationItemEndpoints.cs uses Native/Responses",
            "Host/OpenAI/Errors/ErrorShape.cs uses Native/Responses",
            "Host/OpenAI/Items/OutputItems.cs uses Native/Streaming/OutputPosition",
            "Host/OpenAI/Models/ModelEndpoints.cs uses Native/AgentDescription",
            "Host/OpenAI/Models/ModelEndpoints.cs uses Native/IHostCatalog",
            "Host/OpenAI/Models/ModelEndpoints.cs uses Native/Responses",
            "Host/OpenAI/Responses/InputTokenCount.cs uses Native/Responses",
            "Host/OpenAI/Responses/ResponseEndpoints.cs uses Native/Responses",
            "Host/OpenAI/Responses/ResponseRequestReader.cs uses Native/Binding/MetadataReader",
            "Host/OpenAI/Routes.cs uses Native/Responses",
            "Host/OpenAI/Tools/FunctionArguments.cs uses Native/ApiJson",
        ]),
        ("The model of traces and of telemetry's health is still the native API's; it is to be the engine's.",
        [
            "Host/Telemetry/Export/TelemetryExport.cs uses Native/ITelemetryHealth",
            "Host/Telemetry/Export/TelemetryHealth.cs uses Native/ITelemetryHealth",
            "Host/Telemetry/Export/TelemetryHealth.cs uses Native/SignalHealth",
            "Host/Telemetry/RunTraces/RunTraceRingBuffer.cs uses Native/IRunTraces",
            "Host/Telemetry/RunTraces/RunTraceRingBuffer.cs uses Native/Resources/TraceResource",
            "Host/Telemetry/RunTraces/RunTraceServices.cs uses Native/IRunTraces",
            "Host/Telemetry/RunTraces/TraceTree.cs uses Native/Resources/SpanResource",
            "Host/Telemetry/RunTraces/TraceTree.cs uses Native/Resources/TraceResource",
            "Host/Telemetry/Spans/RequestTrace.cs uses Http/IRequestTrace",
        ]),
        ("The scraped port is guarded like the API, by the same middleware.",
        [
            "Host/Telemetry/Prometheus/PrometheusEndpoint.cs uses Http/Access/AccessMiddleware",
            "Host/Telemetry/Prometheus/PrometheusEndpoint.cs uses Http/Access/AdminsOnly",
            "Host/Telemetry/Prometheus/PrometheusEndpoint.cs uses Http/Errors/ProblemMiddleware",
        ]));

    /// <summary>From "no plugin's code is called but by the choke point".</summary>
    public static IReadOnlyDictionary<string, string> PluginCalls { get; } = Join(
        ("The end of a stream that was read here; it is not timed yet.",
        [
            "Engine/Chains/Model/ChatMiddlewareClient.cs calls IAsyncDisposable.DisposeAsync",
            "Engine/Chains/Model/ModelBoundary.cs calls IAsyncDisposable.DisposeAsync",
        ]),
        ("A resource of several plugins is disposed by the one that leaves last, whose disposal is timed.",
        [
            "Engine/Plugins/Activation/SharedResources.cs calls IAsyncDisposable.DisposeAsync",
            "Engine/Plugins/Activation/SharedResources.cs calls IDisposable.Dispose",
        ]),
        ("A store compares two objects, without I/O; the answer decides what one commit holds.",
        [
            "Engine/Sessions/Store/SessionStoreClient.cs calls ISessionStore.Covers",
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
        ("It says which issuer does not answer; no user wrote that.", ["Host/Http/Log.cs logs an exception in TokenUnchecked"]));

    /// <summary>The reason of each finding.</summary>
    private static Dictionary<string, string> Join(params (string Reason, string[] Findings)[] groups) =>
        groups.SelectMany(g => g.Findings, (g, finding) => (finding, g.Reason)).ToDictionary(e => e.finding, e => e.Reason);
}
