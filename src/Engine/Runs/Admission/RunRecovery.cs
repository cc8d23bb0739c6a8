using System.Threading.Channels;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Approvals;
using PluginHost.Engine.Runs.Execution;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>
/// Takes over the runs that an earlier process left open, or another host that is gone. Each takes its place on its session before the host serves,
/// or before anything else uses the session, so that it comes before new runs. Thread-safe.
/// </summary>
internal sealed class RunRecovery(
    ChainHolder chains, SessionGate gate, SessionClaims claims, LiveRuns live, RunScript script, KeyedCounter<string> runsOfTenants, PluginCaller caller, ILogger logger)
{
    /// <summary>How many of them run at once, those that came first before the others.</summary>
    public const int MaxAtOnce = 16;

    private const int PageSize = 1000;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> _slots = FillSlots();
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
            foreach (var run in open) Take(set, run, handle => gate.EnterToStoreAsync(run.Session, handle));
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
            live.Parked.Remove(session);
            if (!set.Store.HasJournal) return;
            foreach (var run in await FindAsync(set.Store, session))
            {
                if (RunParking.IsParked(run)) live.Parked.Add(session, new ParkedRun(run.Id, RunParking.ExpiryOf(run)));
                else await TakeApartAsync(set, run);
            }
        }
        finally
        {
            set.Release();
        }
    }

    /// <summary>Continues a run that was parked. The caller has entered its session; the run leaves it when it ends.</summary>
    /// <param name="set">The chains.</param>
    /// <param name="run">The record.</param>
    /// <returns>Null when the host stops: the next process continues it.</returns>
    public RunHandle? Continue(ChainSet set, RunRecord run)
    {
        var handle = new RunHandle(run, command: null, cancelOnDisconnect: false) { CanBeLeft = true };
        if (!live.TryAdd(handle)) return null;
        gate.HandOver(run.Session, handle);
        Begin(set, handle, Task.CompletedTask, waits: false);
        return handle;
    }

    private static Channel<bool> FillSlots()
    {
        var slots = Channel.CreateUnbounded<bool>();
        for (var i = 0; i < MaxAtOnce; i++) slots.Writer.TryWrite(true);
        return slots;
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
    private Task TakeApartAsync(ChainSet set, RunRecord run)
    {
        using (ExecutionContext.SuppressFlow()) return Task.Run(() => Take(set, run, handle => gate.EnterTakenOverAsync(run.Session, handle)));
    }

    private void Take(ChainSet set, RunRecord run, Func<RunHandle, ValueTask> enter)
    {
        var handle = new RunHandle(run, command: null, cancelOnDisconnect: false) { CanBeLeft = true };
        // After a lapse of the lease, a session may be claimed twice at once, and each claim finds the run. One that has lost its session ends, and this one continues after it.
        lock (_taking)
        {
            if (live.Find(run.Session, run.Id) is { HasLostSession: false } || !live.TryAdd(handle)) return;
        }

        Begin(set, handle, enter(handle).AsTask(), waits: true);
    }

    private void Begin(ChainSet set, RunHandle handle, Task turn, bool waits)
    {
        runsOfTenants.Add(handle.Record.Session.Tenant);
        handle.CountedIn = runsOfTenants;
        set.TryLease();
        _ = RecoverAsync(set, handle, turn, waits);
    }

    private async Task RecoverAsync(ChainSet set, RunHandle handle, Task turn, bool waits)
    {
        var isKept = true;
        try
        {
            await turn;
            var hasSlot = waits && await TryWaitAsync(handle);
            try
            {
                isKept = await RunAsync(set, handle);
            }
            finally
            {
                if (hasSlot) _slots.Writer.TryWrite(true);
            }
        }
        finally
        {
            if (isKept || handle.HasLostSession) live.Ended(handle, set.Settings.MaxEndedRunBytes);
            else live.EndedUnstored(handle);
            handle.Uncount();
            set.Release();
        }
    }

    /// <returns>False when the run was cancelled or left meanwhile, and takes no time any more.</returns>
    private async ValueTask<bool> TryWaitAsync(RunHandle handle)
    {
        try
        {
            return await _slots.Reader.ReadAsync(handle.Cancellation);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <returns>Whether the run has ended in the store, or is left to the next process in order.</returns>
    private async ValueTask<bool> RunAsync(ChainSet set, RunHandle handle)
    {
        var run = handle.Record;
        if (handle.IsLeft) return End(() => handle.EndLeft(RunScript.Left()), isKept: true);
        try
        {
            var journal = await RunJournal.ResumeAsync(set.Store, run, caller.Time, logger, CancellationToken.None);
            var chain = set.Find(run.Agent) ?? throw new JournalException($"Agent '{run.Agent}' is not configured any more.");
            await script.RunAsync(Resume(set, chain, handle, journal));
            return true;
        }
        catch (Exception e) when (e is JournalException or SessionStoreException)
        {
            var message = $"The process that ran it was lost, and the run cannot continue: {e.Message} It stays in the journal, and is tried again when the host starts.";
            Journal.Log.RunNotRecovered(logger, run.Id, message);
            caller.Observer.RecoverRun(handle.Observed(), Recovery.Kept);
            return End(() => handle.End(run with { Status = RunStatus.Failed, CompletedAt = caller.Time.GetUtcNow(), Error = new RunError { Type = ErrorTypes.HostLost, Message = message } }), isKept: false);
        }

        bool End(Action end, bool isKept)
        {
            end();
            gate.Exit(run.Session);
            return isKept;
        }
    }

    private RunContext Resume(ChainSet set, Chain chain, RunHandle handle, RunJournal journal)
    {
        var recorded = journal.Recorded!;
        var reason = recorded.IsCancelled ? null : FindReason(recorded, set.Settings);
        // One that never began begins now.
        if (recorded.HasBegun) handle.Begin(handle.Record with { Attempt = handle.Record.Attempt + 1 });
        live.Restore(handle, recorded.Inputs, recorded.TakenInput());
        (handle.CanBeLeft, handle.User) = (recorded.IsDetached, recorded.Command.NamedUser);
        if (reason is not null) Journal.Log.RunLost(logger, handle.Record.Id, reason);
        else if (recorded.IsCancelled) Journal.Log.RunCancelled(logger, handle.Record.Id);
        else if (recorded.IsDecided) Journal.Log.RunDecided(logger, handle.Record.Id, handle.Record.Attempt);
        else Journal.Log.RunResumed(logger, handle.Record.Id, handle.Record.Attempt, recorded.Answers.Count);
        // One that was parked was not lost.
        if (!recorded.IsCancelled && !recorded.IsDecided) caller.Observer.RecoverRun(handle.Observed(), reason is null ? Recovery.Resumed : Recovery.Lost);
        return new RunContext(recorded.Command, handle, set, chain) { Journal = journal, HoldsTurn = true, LostReason = reason, EndsCancelled = recorded.IsCancelled };
    }

    /// <summary>Why a run may not continue; null when it may.</summary>
    private static string? FindReason(RecordedRun recorded, SessionsConfiguration settings)
    {
        const string lost = "The process that ran it was lost.";
        if (recorded.IsDecided) return null;
        if (!recorded.IsDetached) return $"{lost} Only runs in the background continue. Send it again.";
        if (recorded.LostAttempts >= settings.MaxAttempts)
            return $"{lost} It was the attempt {recorded.LostAttempts} that was lost, and the limit is {settings.MaxAttempts} (Sessions:MaxAttempts).";
        return recorded.HasBegun && settings.OnHostLost == HostLostPolicy.Fail ? $"{lost} Runs do not continue here (Sessions:OnHostLost)." : null;
    }
}
