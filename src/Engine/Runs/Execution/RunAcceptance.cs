using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Execution;

/// <summary>Writes a run to the journal before its caller learns its id, and ends it there when it cannot run. Thread-safe.</summary>
internal sealed class RunAcceptance(SessionGate gate, PluginCaller caller, ILogger logger)
{
    private int _warned;

    /// <summary>Accepts a run in the background that waits for its turn. When the journal does not take it, its place in the queue is given up.</summary>
    /// <exception cref="SessionStoreException">The journal did not take the run.</exception>
    public async ValueTask AcceptAsync(RunContext run, Task turn)
    {
        if (run.Journal is not { } journal) Warn(run);
        else if (!journal.IsOpen)
        {
            try
            {
                var (store, key) = (run.Set.Store, run.Record.Session);
                var session = await store.FindAsync(key, CancellationToken.None) is null ? Create(run) : null;
                if (session is not null) await run.ReserveSessionAsync();
                journal.Begin(run.Record, session, run.Command);
                await journal.FlushAsync();
            }
            catch
            {
                _ = GiveUpAsync(run, turn);
                throw;
            }
            finally
            {
                run.ReleaseSession();
            }
        }

        run.Handle.Accept();
    }

    /// <summary>
    /// Begins the journal of a run whose caller learns its id before the end. The chain runs meanwhile; callers see nothing of it until
    /// the journal has the run.
    /// </summary>
    public void Open(RunContext run)
    {
        if (run.Journal is not null) (run.Handle.Inbox.Keep, run.Journal.SessionStored) = (run.KeepAsync, run.ReleaseSession);
        // A run that was cancelled before its turn has ended for its callers.
        var isKnown = run.Command.Background || run.Command.Streamed || run.Journal is { IsOpen: true };
        if (run.Journal is not { } journal || !isKnown || run.Handle.Completion.IsCompleted)
        {
            if (run.Journal is null && run.Command.Background && !run.Command.Stateless) Warn(run);
            run.Handle.Announce();
            return;
        }

        var isAccepted = journal.IsDurable;
        // A session that was deleted while the run waited took its journal with it.
        if (run.SessionRecord is null) journal.Begin(run.Record, run.CreateSessionRecord(), run.Command);
        else if (!journal.IsOpen) journal.Begin(run.Record, newSession: null, run.Command);
        else journal.SetRecord(run.Record);
        journal.Add(new JournalEntry.Attempt(run.Record.Attempt, run.Handle.TraceParent));
        if (journal.Recorded is { } recorded) run.Handle.Delivery.Resume(recorded.Delivered, recorded.WasLeft, run.Handle.Record.Attempt);
        // Before the first update, so that the journal has all of them.
        if (run.Command.Background || run.Command.Streamed || journal.Recorded is { IsDetached: true }) run.Handle.Delivery.Delivered = journal.AddDelivered;
        if (isAccepted)
        {
            run.Handle.Announce();
            run.Opened = journal.TryFlushAsync();
        }
        else
        {
            run.FirstWrite = new CancellationTokenSource();
            run.Opened = AnnounceAsync(run, journal, run.FirstWrite.Token);
        }
    }

    /// <summary>
    /// Ends a run for its callers that was cancelled before its turn. The journal has the cancellation before: the next process would continue an
    /// accepted run. When it cannot be written, callers wait until the run is stored.
    /// </summary>
    public async Task EndQueuedAsync(RunContext run)
    {
        // One that has lost its session is refused when its turn comes.
        if (run.Handle.IsLeft || run.Handle.HasLostSession) return;
        try
        {
            if (run.Journal is { IsDurable: true } journal) await journal.WriteAsync(new JournalEntry.Cancelled());
        }
        catch (Exception e)
        {
            Journal.Log.JournalNotWritten(logger, run.Record.Id, LoggableError.From(e));
            return;
        }

        run.Handle.EndQueued(caller.Time.GetUtcNow());
    }

    /// <summary>Stores a run as failed that was accepted and could not run. Waits for the session as long as that takes.</summary>
    public async ValueTask EndAsync(RunContext run, RunRecord record)
    {
        try
        {
            await gate.EnterToStoreAsync(record.Session);
            try
            {
                await run.Journal!.CloseAsync();
                // Another host may have ended it, and given the session up since.
                if (await run.Set.Store.FindRunAsync(record.Session, record.Id, CancellationToken.None) is not { CompletedAt: not null })
                    await SaveEndAsync(run.Set.Store, record, caller.Time);
            }
            finally
            {
                gate.Exit(record.Session);
            }
        }
        catch (Exception e)
        {
            // The next process, or another host, finds it in the journal.
            Log.SaveFailed(logger, record.Id, LoggableError.From(e));
        }
    }

    /// <summary>Stores the end of a run that has no chain to end with. The caller has entered the session.</summary>
    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public static async ValueTask SaveEndAsync(SessionStoreClient store, RunRecord record, TimeProvider time)
    {
        var session = await store.FindAsync(record.Session, CancellationToken.None);
        // A session that was deleted meanwhile took the run with it.
        if (session is null) return;
        await store.SaveAsync(new SessionSave
        {
            Session = session with { Version = session.Version + 1, UpdatedAt = time.GetUtcNow() },
            ExpectedVersion = session.Version,
            Previous = session,
            Run = record,
            EndsRun = true,
        });
    }

    private static async Task AnnounceAsync(RunContext run, RunJournal journal, CancellationToken givenUp)
    {
        try
        {
            run.IsAnnouncedLate = !await journal.FlushAsync(givenUp);
            if (!run.IsAnnouncedLate) run.Handle.Announce();
        }
        catch (Exception e)
        {
            run.OpenError = e;
            run.Handle.Cancel();
        }
    }

    private async Task GiveUpAsync(RunContext run, Task turn)
    {
        try
        {
            await turn;
        }
        catch (Exception)
        {
            return;
        }

        gate.Exit(run.Record.Session);
    }

    private SessionRecord Create(RunContext run)
    {
        var now = caller.Time.GetUtcNow();
        return new SessionRecord { Key = run.Record.Session, Version = 1, CreatedAt = now, UpdatedAt = now };
    }

    private void Warn(RunContext run)
    {
        if (Interlocked.Exchange(ref _warned, 1) == 0) Journal.Log.NoJournal(logger, run.Set.Store.Plugin.SourceId);
    }
}
