using PluginHost.Engine.Chains;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Execution;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Completion;

/// <summary>A run whose chain has ended, with all that is known of it.</summary>
internal sealed record RunInProgress(
    RunStart Start, ChainSet Set, OpenedSession Opened, RunScope Scope, ObservedRun? Observed, string? TraceParent)
{
    /// <summary>The service's session id as the run leaves it; null when the host's own history holds the session.</summary>
    public string? ServiceSessionAfter(ChainOutcome end)
    {
        var before = Opened.Session.ServiceSessionId;
        if (end.Outcome == RunOutcome.Failed) return before;
        // A session that the service keeps goes on even from calls that wait for the caller: nobody else has what was said.
        return before is null ? Scope.ServiceSessionId : Scope.WaitingServiceSessionId ?? Scope.ServiceSessionId;
    }
}
