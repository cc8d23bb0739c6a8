using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Completion;

/// <summary>
/// Removes what a lost attempt of a run has appended as completed: its process ended between the append and the save. Histories keep
/// completed attempts, and the run would be in them twice.
/// </summary>
internal static class EarlierAttempts
{
    private const int PageSize = 100;

    /// <exception cref="Errors.PluginException">The history failed or took too long.</exception>
    public static async ValueTask RemoveAsync(PluginCaller caller, RunContext run, CompletionStep step)
    {
        if (run.Journal?.Recorded is not { HasBegun: true }) return;
        var ids = await FindAsync(caller, run, step);
        if (ids.Count == 0) return;
        await caller.DeleteAsync(
            new PluginCall(step.Plugin, HostOperation.HistoryDelete) { Run = run.Observed }, new HistoryDeletion { Session = run.Record.Session, MessageIds = ids });
    }

    /// <summary>They are the newest of the session: no other run was on it since.</summary>
    private static async ValueTask<List<string>> FindAsync(PluginCaller caller, RunContext run, CompletionStep step)
    {
        var ids = new List<string>();
        var query = new HistoryQuery { Session = run.Record.Session, Order = ListOrder.Descending, Limit = PageSize };
        while (true)
        {
            var page = await caller.CallAsync(
                new PluginCall(step.Plugin, HostOperation.HistoryLoad) { Run = run.Observed },
                (History: step.Plugin.History!, query),
                static (s, ct) => s.History.LoadAsync(s.query, ct),
                static (_, page) => page.Items.Count,
                CancellationToken.None);
            var found = page.Items.TakeWhile(m => m.RunId == run.Record.Id).Select(m => m.Id).ToList();
            ids.AddRange(found);
            if (found.Count < page.Items.Count || !page.HasMore || found.Count == 0) return ids;
            query = query with { Before = found[^1] };
        }
    }
}
