using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Approvals;

/// <summary>Finds the parked run of a session, which keeps other runs off it. Thread-safe.</summary>
internal sealed class ParkedSessions(ParkedRuns parked)
{
    /// <summary>The other run of a run's session that waits for approvals; null when none does.</summary>
    public async ValueTask<RunRecord?> FindOtherAsync(RunContext run)
    {
        var session = run.Record.Session;
        if (parked.IsComplete && parked.Find(session) is null) return null;
        return await FindAsync(run.Set.Store, session) is { } other && other.Id != run.Record.Id ? other : null;
    }

    /// <summary>Calls back once, when a parked run does not wait any more or the run behind it is cancelled.</summary>
    /// <param name="run">The parked run.</param>
    /// <param name="act">The call.</param>
    /// <param name="cancellationToken">That of the run behind it.</param>
    public void WhenGone(RunRecord run, Action act, CancellationToken cancellationToken)
    {
        // One of an earlier process may not be known yet.
        if (parked.Find(run.Session) is null) parked.Add(run.Session, new ParkedRun(run.Id, RunParking.ExpiryOf(run)));
        var isDone = 0;
        var once = () =>
        {
            if (Interlocked.Exchange(ref isDone, 1) == 0) act();
        };
        parked.OnGone(run.Session, once);
        cancellationToken.UnsafeRegister(
            _ =>
            {
                parked.Ignore(run.Session, once);
                once();
            },
            state: null);
    }

    /// <summary>409, with what to do: a run could not see how the one that waits ends.</summary>
    public static ProblemException Pending(RunRecord parked)
    {
        var waiting = ApprovalContent.In(parked.Output).Where(a => a.Decision is null).Select(a => $"'{a.Id}' (tool '{a.Call.Name}')");
        return new ProblemException(
            ProblemTypes.ApprovalPending,
            $"Run '{parked.Id}' of session '{parked.Session.Id}' waits for the approval {string.Join(", ", waiting)}. Decide it (POST /v1/approvals/{{id}}), or cancel the run.");
    }

    /// <summary>The parked run of a session, as the store has it; null when there is none.</summary>
    private async ValueTask<RunRecord?> FindAsync(SessionStoreClient store, SessionKey session)
    {
        if (parked.Find(session) is { } known)
        {
            if (await store.FindRunAsync(session, known.RunId, CancellationToken.None) is { } run && RunParking.IsParked(run)) return run;
            // Its session was deleted, and the id is used again.
            parked.Remove(session, known.RunId);
            return null;
        }

        if (parked.IsComplete || !store.HasJournal) return null;
        // It need not be the last run of its session: runs that waited behind it are newer.
        var query = new OpenRunQuery { Tenant = session.Tenant, Status = RunStatus.RequiresAction };
        while (true)
        {
            var page = await store.FindOpenRunsAsync(query, CancellationToken.None);
            if (page.Items.FirstOrDefault(r => r.Session == session) is { } found) return found;
            if (!page.HasMore || page.Items.Count == 0) return null;
            query = query with { After = RunPlace.From(page.Items[^1]) };
        }
    }
}
