using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using PluginHost.Sdk;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Metrics;

/// <summary>Counts the sessions with at least one run in progress, by agent. Thread-safe.</summary>
internal sealed class ActiveSessions(UpDownCounter<long> counter)
{
    private readonly ConcurrentDictionary<(SessionKey Session, string Agent), int> _runs = new();

    public void AddRun(SessionKey session, string agent)
    {
        if (_runs.AddOrUpdate((session, agent), 1, static (_, runs) => runs + 1) == 1) Add(1, agent);
    }

    public void RemoveRun(SessionKey session, string agent)
    {
        if (_runs.AddOrUpdate((session, agent), 0, static (_, runs) => runs - 1) != 0) return;
        // Removes the entry only if no other run was added since.
        _runs.TryRemove(new((session, agent), 0));
        Add(-1, agent);
    }

    private void Add(long delta, string agent) => counter.Add(delta, new KeyValuePair<string, object?>(Attributes.AgentName, agent));
}
