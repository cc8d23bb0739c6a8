using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>Counts the runs that have not ended.</summary>
internal sealed partial class RunEngine
{
    /// <summary>Counts the runs of a tenant that have not ended; of all tenants when it is null.</summary>
    public RunCounts Count(string? tenant)
    {
        var sessions = new HashSet<SessionKey>();
        var (queued, running) = (0, 0);
        foreach (var run in _live.InProgress().Select(r => r.Record).Where(r => tenant is null || r.Session.Tenant == tenant))
        {
            if (run.Status == RunStatus.Queued) queued++;
            else running++;
            sessions.Add(run.Session);
        }

        return new RunCounts(queued, running, _live.Parked.CountOf(tenant), sessions.Count);
    }
}

/// <summary>How many runs have not ended.</summary>
/// <param name="Queued">They wait for other runs of their sessions.</param>
/// <param name="Running">They are in progress.</param>
/// <param name="Parked">They wait for approvals.</param>
/// <param name="Sessions">How many sessions have a run that is queued or in progress.</param>
internal readonly record struct RunCounts(int Queued, int Running, int Parked, int Sessions);
