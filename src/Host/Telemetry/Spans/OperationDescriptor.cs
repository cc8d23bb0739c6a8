using System.Collections.Concurrent;
using PluginHost.Engine.Observation;
using static PluginHost.Telemetry.TelemetryNames;
using Kinds = PluginHost.Engine.Plugins.Catalog.PluginKind;

namespace PluginHost.Telemetry.Spans;

/// <summary>The names of one kind of operation in telemetry. Immutable.</summary>
/// <param name="Span">The name of the span, or its prefix when the name of an agent or plugin follows.</param>
/// <param name="Operation">The value of the operation attribute of metrics.</param>
/// <param name="PluginKind">The kind of the called plugin; null for none.</param>
internal sealed record OperationDescriptor(string Span, string Operation, string? PluginKind = null)
{
    private static readonly OperationDescriptor[] Descriptors = [.. Enum.GetValues<HostOperation>().Select(Create)];

    // Bounded, because names of agents and plugins come from the configuration.
    private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>Whether this is an operation of the session store.</summary>
    public bool IsSession { get; private init; }

    public static OperationDescriptor From(HostOperation operation) => Descriptors[(int)operation];

    /// <summary>Gets the name of a span for an agent or plugin; null for an operation without one.</summary>
    public string GetSpanName(string? name) =>
        name is null ? Span : _names.GetOrAdd(name, static (n, span) => $"{span} {n}", Span);

    private static OperationDescriptor Create(HostOperation operation) => operation switch
    {
        HostOperation.Start => new(SpanNames.Start, "start"),
        HostOperation.PluginLoad => new(SpanNames.PluginLoad, "load"),
        HostOperation.PluginStart => new(SpanNames.PluginStart, "start", "lifecycle"),
        HostOperation.PluginStop => new(SpanNames.PluginStop, "stop", "lifecycle"),
        HostOperation.SessionLoad => CreateSession(SpanNames.SessionLoad, "load"),
        HostOperation.SessionCreate => CreateSession(SpanNames.SessionCreate, "create"),
        HostOperation.SessionSave => CreateSession(SpanNames.SessionSave, "save"),
        HostOperation.SessionDelete => CreateSession(SpanNames.SessionDelete, "delete"),
        HostOperation.SessionDataDelete => new(SpanNames.SessionDataDelete, "delete", "session_data"),
        HostOperation.InvokeAgent => new(SpanNames.InvokeAgent, "invoke"),
        HostOperation.HistoryLoad => new(SpanNames.HistoryLoad, "load", Kinds.History.ObservedAs),
        HostOperation.HistoryAppend => new(SpanNames.HistoryAppend, "append", Kinds.History.ObservedAs),
        HostOperation.HistoryDelete => new(SpanNames.HistoryDelete, "delete", Kinds.History.ObservedAs),
        HostOperation.ContextProvide => new(SpanNames.ContextProvide, "provide", Kinds.Context.ObservedAs),
        HostOperation.ContextObserve => new(SpanNames.ContextObserve, "observe", Kinds.Context.ObservedAs),
        HostOperation.RunMiddleware => new(SpanNames.Middleware, "invoke", Kinds.RunMiddleware.ObservedAs),
        HostOperation.ChatMiddleware => new(SpanNames.Middleware, "invoke", Kinds.ChatMiddleware.ObservedAs),
        HostOperation.FunctionMiddleware => new(SpanNames.Middleware, "invoke", Kinds.FunctionMiddleware.ObservedAs),
        HostOperation.HealthCheck or HostOperation.ChatMiddlewareWrap or HostOperation.PluginDispose or HostOperation.ClientCreate => new("", ""),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, "The operation has no name in telemetry."),
    };

    private static OperationDescriptor CreateSession(string span, string operation) =>
        new(span, operation, Kinds.SessionStore.ObservedAs) { IsSession = true };
}
