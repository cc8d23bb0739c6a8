using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Approvals;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>
/// Takes over the runs that an earlier process left open, or another host that is gone. Each takes its place on its session before the host serves,
/// or before anything else uses the session, so that it comes before new runs. Thread-safe.
/// </summary>
internal sealed class RunRecovery(
    ChainHolder chains, SessionGate gate, SessionClaims claims, LiveRuns live, RunContinuation continuation, PluginCaller caller, ILogger logger)
{
    private const int PageSize = 1000;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly Lock _taking = new();

    /// <summary>Finds the open runs and lets them continue. Does not wait for them.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var set = chains.Lease();
        try
        {
            if (!set.Store.HasJournal) return;
            var open = await FindAsync(set.Store, cancellationToken);
            if (claims.Source is not null)
            {
                // Claiming a session takes its runs over.
                SessionStoreException? failure = null;
                foreach (var session in open.Select(r => r.Session).Distinct()) failure = await TryClaimAsync(session) ?? failure;
                if (failure is not null) throw failure;
                return;
            }

            if (open.Count > 0) Journal.Log.OpenRunsFound(logger, open.Count);
            foreach (var run in open) Take(run, handle => gate.EnterToStoreAsync(run.Session, handle));
        }
        catch (SessionStoreException e)
        {
            Journal.Log.OpenRunsNotFound(logger, RetryAfter, LoggableError.From(e));
            _ = RetryAsync();
        }
        finally
        {
            set.Release();
        }
    }

    /// <summary>Takes over the open runs of a session that this host has claimed just now.</summary>
    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public async ValueTask TakeOverAsync(SessionKey session)
    {
        var set = chains.Lease();
        try
        {
            // Others may be on the session already, and must not miss the run that waits.
            var known = live.Parked.Find(session);
            List<RunRecord> open = set.Store.HasJournal ? [.. await FindAsync(set.Store, session)] : [];
            if (known is { } gone && !open.Exists(r => r.Id == gone.RunId && RunParking.IsParked(r))) live.Parked.Remove(session, gone.RunId);
            foreach (var run in open)
            {
                if (RunParking.IsParked(run)) live.Parked.Add(session, new ParkedRun(run.Id, RunParking.ExpiryOf(run)));
                else await TakeApartAsync(run);
            }
        }
        finally
        {
            set.Release();
        }
    }

    private async Task RetryAsync()
    {
        await Task.Delay(RetryAfter, caller.Time);
        if (!live.IsStopping) await StartAsync(CancellationToken.None);
    }

    /// <summary>The runs that were queued or running; those that wait for their callers stay as they are.</summary>
    private static async ValueTask<List<RunRecord>> FindAsync(SessionStoreClient store, CancellationToken cancellationToken)
    {
        var found = new List<RunRecord>();
        foreach (var status in new[] { RunStatus.Running, RunStatus.Queued })
        {
            var query = new OpenRunQuery { Status = status, Limit = PageSize };
            while (true)
            {
                var page = await store.FindOpenRunsAsync(query, cancellationToken);
                found.AddRange(page.Items);
                if (!page.HasMore || page.Items.Count == 0) break;
                query = query with { After = RunPlace.From(page.Items[^1]) };
            }
        }

        return [.. InOrder(found)];
    }

    /// <summary>The open runs of a session, which are the last ones.</summary>
    private static async ValueTask<IEnumerable<RunRecord>> FindAsync(SessionStoreClient store, SessionKey session)
    {
        var found = new List<RunRecord>();
        var query = new RunQuery { Tenant = session.Tenant, SessionId = session.Id, Order = ListOrder.Descending, Limit = 4 };
        while (true)
        {
            var page = await store.FindRunsAsync(query, CancellationToken.None);
            found.AddRange(page.Items.Where(r => r.CompletedAt is null));
            if (!page.HasMore || page.Items is not [.., { CompletedAt: null } last]) return InOrder(found);
            query = query with { Before = last.Id, Limit = PageSize };
        }
    }

    /// <summary>A run that has begun was in front of those that wait, whenever it was created.</summary>
    private static IEnumerable<RunRecord> InOrder(List<RunRecord> runs) =>
        runs.OrderBy(r => r.Status == RunStatus.Queued).ThenBy(r => r.CreatedAt).ThenBy(r => r.Id, StringComparer.Ordinal);

    /// <returns>Why the session could not be read; it must not keep others from being taken over.</returns>
    private async ValueTask<SessionStoreException?> TryClaimAsync(SessionKey session)
    {
        try
        {
            await claims.EnsureAsync(session);
        }
        catch (SessionElsewhereException)
        {
            // That host continues its runs.
        }
        catch (SessionStoreException e)
        {
            return e;
        }

        return null;
    }

    /// <summary>Not inside of the trace of the request that has claimed the session.</summary>
    private Task TakeApartAsync(RunRecord run)
    {
        using (ExecutionContext.SuppressFlow()) return Task.Run(() => Take(run, handle => gate.EnterTakenOverAsync(run.Session, handle)));
    }

    private void Take(RunRecord run, Func<RunHandle, ValueTask> enter)
    {
        var handle = new RunHandle(run, command: null, cancelOnDisconnect: false) { CanBeLeft = true };
        // After a lapse of the lease, a session may be claimed twice at once, and each claim finds the run. One that has lost its session ends, and this one continues after it.
        lock (_taking)
        {
            // It may have been parked since it was read.
            if (live.Find(run.Session, run.Id) is { HasLostSession: false } || live.Parked.Find(run.Session)?.RunId == run.Id || !live.TryAdd(handle)) return;
        }

        continuation.Begin(handle, enter(handle).AsTask(), waits: true);
    }
}
