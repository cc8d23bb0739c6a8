using System.Collections.Concurrent;
using PluginHost.Engine.Observation;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>The name of the span of each operation. Thread-safe.</summary>
internal sealed class OperationSpan(HostOperation operation)
{
    private static readonly OperationSpan[] All = [.. HostOperation.All.Select(o => new OperationSpan(o))];

    // Bounded, because names of agents and plugins come from the configuration.
    private readonly ConcurrentDictionary<string, string> _names = new(StringComparer.Ordinal);

    /// <summary>The name, or its prefix when the name of an agent or plugin follows.</summary>
    public string Prefix { get; } = operation == HostOperation.InvokeAgent ? SpanNames.InvokeAgent : SpanNames.Prefix + operation.Name;

    public static OperationSpan From(HostOperation operation) => All[operation.Index];

    /// <summary>Gets the name of a span for an agent or plugin; null for an operation without one.</summary>
    public string GetName(string? name) =>
        name is null ? Prefix : _names.GetOrAdd(name, static (n, prefix) => $"{prefix} {n}", Prefix);
}
