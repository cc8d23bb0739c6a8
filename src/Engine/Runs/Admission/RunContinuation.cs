using System.Threading.Channels;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Execution;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>
/// Continues runs from their journals: those that were taken over, those that were parked, and those that gave up their turn. Thread-safe.
/// </summary>
internal sealed class RunContinuation(
    ChainHolder chains, SessionGate gate, LiveRuns live, RunScript script, KeyedCounter<string> runsOfTenants, PluginCaller caller, ILogger logger)
{
    /// <summary>How many of those that were taken over run at once, those that came first before the others.</summary>
    public const int MaxAtOnce = 16;

    /// <summary>Why a run whose journal misses calls of tools does not continue.</summary>
    public const string CalledUnrecorded =
        "It has called tools without a record, because a step of it could not be written as JSON, and could call them again. Send it again.";

    private readonly Channel<bool> _slots = FillSlots();

    /// <summary><see cref="EndQueuedAsync"/> as one object for all runs that wait.</summary>
    private Func<RunHandle, Task> EndQueued => field ??= EndQueuedAsync;

    /// <summary>Continues a run that was parked. The caller has entered its session; the run leaves it when it ends.</summary>
    /// <returns>Null when the host stops: the next process continues it.</returns>
    public RunHandle? Continue(RunRecord run)
    {
        var handle = new RunHandle(run, command: null, cancelOnDisconnect: false) { CanBeLeft = true };
        if (!live.TryAdd(handle)) return null;
        gate.HandOver(run.Session, handle);
        Begin(handle, Task.CompletedTask, waits: false);
        return handle;
    }

    /// <summary>Continues a run when its turn has come. Does not wait for it.</summary>
    /// <param name="handle">The run.</param>
    /// <param name="turn">Ends when the run has its turn on the session.</param>
    /// <param name="waits">Whether it waits until fewer than <see cref="MaxAtOnce"/> run.</param>
    public void Begin(RunHandle handle, Task turn, bool waits)
    {
        runsOfTenants.Add(handle.Record.Session.Tenant);
        handle.CountedIn = runsOfTenants;
        _ = RecoverAsync(handle, turn, waits);
    }

    /// <summary>What follows a try of a run: it has ended, or begins again when it has its next turn.</summary>
    /// <param name="handle">The run.</param>
    /// <param name="limit">How many bytes of ended runs are kept.</param>
    /// <param name="isKept">Whether it has ended in the store, or is left to the next process in order.</param>
    public void Conclude(RunHandle handle, long limit, bool isKept = true)
    {
        if (handle.NextTurn is not null)
        {
            _ = BeginLaterAsync(handle);
            return;
        }

        if (isKept || handle.HasLostSession) live.Ended(handle, limit);
        else live.EndedUnstored(handle);
        handle.Uncount();
    }

    /// <summary>Begins a run that gave up its turn, when it has it again.</summary>
    private async Task BeginLaterAsync(RunHandle handle)
    {
        handle.BeginWaiting(EndQueued);
        await handle.NextTurn!;
        // Not on the thread of what has let it in.
        await Task.Yield();
        await handle.StopWaitingAsync();
        handle.NextTurn = null;
        handle.Uncount();
        Begin(handle, Task.CompletedTask, waits: false);
    }

    /// <summary>
    /// Ends a run for its callers that was cancelled before its turn, as soon as the journal has the cancellation. It is stored when its turn comes.
    /// When the cancellation cannot be written, callers wait until then.
    /// </summary>
    private async Task EndQueuedAsync(RunHandle handle)
    {
        // One that has begun in an earlier process has output to end with.
        if (handle.Record.Status != RunStatus.Queued) return;
        ChainSet? set = null;
        try
        {
            set = chains.Lease();
            var journal = await RunJournal.ResumeAsync(set.Store, handle.Record, caller.Time, logger, CancellationToken.None);
            journal.Run = handle;
            if (journal.Recorded is { HasBegun: false } && await journal.WriteAsync(new JournalEntry.Cancelled())) handle.EndQueued(caller.Time.GetUtcNow());
        }
        catch (Exception e)
        {
            Journal.Log.JournalNotWritten(logger, handle.Record.Id, LoggableError.From(e));
        }
        finally
        {
            set?.Release();
        }
    }

    private static Channel<bool> FillSlots()
    {
        var slots = Channel.CreateUnbounded<bool>();
        for (var i = 0; i < MaxAtOnce; i++) slots.Writer.TryWrite(true);
        return slots;
    }

    private async Task RecoverAsync(RunHandle handle, Task turn, bool waits)
    {
        var (hasSlot, isKept) = (false, true);
        ChainSet? set = null;
        try
        {
            handle.BeginWaiting(EndQueued);
            await turn;
            await handle.StopWaitingAsync();
            hasSlot = waits && await TryWaitAsync(handle);
            // Not earlier: a reload may come while it waits, and need not wait for it.
            set = chains.Lease();
            isKept = await RunAsync(set, handle, isTakenOver: waits);
        }
        finally
        {
            if (hasSlot) _slots.Writer.TryWrite(true);
            Conclude(handle, set?.Settings.MaxEndedRunBytes ?? 0, isKept);
            set?.Release();
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
    private async ValueTask<bool> RunAsync(ChainSet set, RunHandle handle, bool isTakenOver)
    {
        var run = handle.Record;
        if (handle.IsLeft) return End(() => handle.EndLeft(RunScript.Left()), isKept: true);
        try
        {
            var journal = await RunJournal.ResumeAsync(set.Store, run, caller.Time, logger, CancellationToken.None);
            var chain = set.Find(run.Agent) ?? throw new JournalException($"Agent '{run.Agent}' is not configured any more.");
            await script.RunAsync(Resume(set, chain, handle, journal, isTakenOver));
            return true;
        }
        catch (Exception e) when (e is JournalException or SessionStoreException)
        {
            var trouble = isTakenOver ? "The process that ran it was lost, and the run cannot continue" : "The run cannot continue";
            var message = $"{trouble}: {e.Message} It stays in the journal, and is tried again when the host starts.";
            Journal.Log.RunNotRecovered(logger, run.Id, message);
            caller.Observer.RecoverRun(handle.Observed(), Recovery.Kept);
            // Callers have events that are not here, and must get the end too.
            if (!handle.Completion.IsCompleted) handle.Delivery.DeliverOwn(ResumedMark.Create());
            // One that was cancelled while it waited has ended for its callers.
            if (handle.Completion.IsCompleted) return End(static () => { }, isKept: false);
            return End(() => handle.End(run with { Status = RunStatus.Failed, CompletedAt = caller.Time.GetUtcNow(), Error = new RunError { Type = ErrorTypes.HostLost, Message = message } }), isKept: false);
        }

        bool End(Action end, bool isKept)
        {
            end();
            gate.Exit(run.Session);
            return isKept;
        }
    }

    private RunContext Resume(ChainSet set, Chain chain, RunHandle handle, RunJournal journal, bool isTakenOver)
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
        else if (isTakenOver) Journal.Log.RunResumed(logger, handle.Record.Id, handle.Record.Attempt, recorded.Answers.Count);
        // One that was parked, or gave up its turn, was not lost.
        if (isTakenOver && !recorded.IsCancelled && !recorded.IsDecided) caller.Observer.RecoverRun(handle.Observed(), reason is null ? Recovery.Resumed : Recovery.Lost);
        return new RunContext(recorded.Command, handle, set, chain) { Journal = journal, HoldsTurn = true, LostReason = reason, EndsCancelled = recorded.IsCancelled };
    }

    /// <summary>Why a run may not continue; null when it may.</summary>
    private static string? FindReason(RecordedRun recorded, SessionsConfiguration settings)
    {
        const string lost = "The process that ran it was lost.";
        if (recorded.IsIncomplete) return $"{lost} {CalledUnrecorded}";
        if (recorded.IsDecided) return null;
        if (!recorded.IsDetached) return $"{lost} Only runs in the background continue. Send it again.";
        if (recorded.LostAttempts >= settings.MaxAttempts)
            return $"{lost} It was the attempt {recorded.LostAttempts} that was lost, and the limit is {settings.MaxAttempts} (Sessions:MaxAttempts).";
        return recorded.HasBegun && settings.OnHostLost == HostLostPolicy.Fail ? $"{lost} Runs do not continue here (Sessions:OnHostLost)." : null;
    }
}
