using System.Diagnostics;

namespace PluginHost.Shared;

/// <summary>
/// Sends a server the id of the trace, without what the caller of the host attached to it: baggage and trace state may hold what is not meant
/// for that server. The host has its own copy, TraceOnlyPropagator: plugins reference the SDK alone. Thread-safe.
/// </summary>
internal sealed class TraceIdPropagator : DistributedContextPropagator
{
    private static readonly string[] Attached = ["baggage", "Correlation-Context", "tracestate"];

    private readonly DistributedContextPropagator _inner = CreateW3CPropagator();

    public override IReadOnlyCollection<string> Fields { get; } = ["traceparent"];

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        // Instrumentation of the host has added its headers before.
        if (carrier is HttpRequestMessage request)
        {
            foreach (var name in Attached) request.Headers.Remove(name);
        }

        _inner.Inject(activity, carrier, (to, name, value) =>
        {
            if (!Attached.Contains(name, StringComparer.OrdinalIgnoreCase)) setter?.Invoke(to, name, value);
        });
    }

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        _inner.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
        _inner.ExtractBaggage(carrier, getter);
}
