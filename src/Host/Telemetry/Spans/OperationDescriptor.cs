using System.Collections.Concurrent;
using PluginHost.Engine.Observation;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>How one kind of operation looks in telemetry. Immutable.</summary>
/// <param name="Span">The span's name, or its first word when it is followed by the name of an agent or plugin.</param>
/// <param name="Operation">The value of the operation attribute of metrics.</param>
/// <param name="PluginKind">The kind of the plugin that is called.</param>
internal sealed record OperationShape(string Span, string Operation, string? PluginKind = null)
{
    private static readonly OperationShape[] Shapes = [.. Enum.GetValues<HostOperation>().Select(Make)];

    // Names of agents and plugins come from the configuration, so that this is bounded.
    private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>Whether it is measured as an operation on sessions.</summary>
    public bool IsSession { get; private init; }

    public static OperationShape Of(HostOperation operation) => Shapes[(int)operation];

    /// <summary>The span's name, built once for each name that follows.</summary>
    public string SpanOf(string? name) =>
        name is null ? Span : _names.GetOrAdd(name, static (n, span) => $"{span} {n}", Span);

    private static OperationShape Make(HostOperation operation) => operation switch
    {
        HostOperation.Start => new(SpanNames.Start, "start"),
        HostOperation.PluginLoad => new(SpanNames.PluginLoad, "load"),
        HostOperation.PluginStart => new(SpanNames.PluginStart, "start", "lifecycle"),
        HostOperation.PluginStop => new(SpanNames.PluginStop, "stop", "lifecycle"),
        HostOperation.SessionLoad => Session(SpanNames.SessionLoad, "load"),
        HostOperation.SessionCreate => Session(SpanNames.SessionCreate, "create"),
        HostOperation.SessionSave => Session(SpanNames.SessionSave, "save"),
        HostOperation.SessionDelete => Session(SpanNames.SessionDelete, "delete"),
        HostOperation.SessionDataDelete => new(SpanNames.SessionDataDelete, "delete", "session_data"),
        HostOperation.InvokeAgent => new(SpanNames.InvokeAgent, "invoke"),
        HostOperation.HistoryLoad => new(SpanNames.HistoryLoad, "load", "history"),
        HostOperation.HistoryAppend => new(SpanNames.HistoryAppend, "append", "history"),
        HostOperation.HistoryDelete => new(SpanNames.HistoryDelete, "delete", "history"),
        HostOperation.ContextProvide => new(SpanNames.ContextProvide, "provide", "context"),
        HostOperation.ContextObserve => new(SpanNames.ContextObserve, "observe", "context"),
        HostOperation.RunMiddleware => new(SpanNames.Middleware, "invoke", "run_middleware"),
        HostOperation.ChatMiddleware => new(SpanNames.Middleware, "invoke", "chat_middleware"),
        HostOperation.FunctionMiddleware => new(SpanNames.Middleware, "invoke", "function_middleware"),
        HostOperation.HealthCheck or HostOperation.ChatMiddlewareWrap or HostOperation.PluginDispose or HostOperation.ClientCreate => new("", ""),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "Has no name in telemetry."),
    };

    private static OperationShape Session(string span, string operation) =>
        new(span, operation, "session_store") { IsSession = true };
}
