using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Explain;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Approvals;
using PluginHost.Engine.Runs.Completion;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Execution;

/// <summary>The whole life of an admitted run, in order. Stateless.</summary>
/// <param name="chains">The chains in use now.</param>
/// <param name="gate">The queues of the sessions.</param>
/// <param name="live">The runs in progress, those that wait for approvals, and what is explained of them.</param>
/// <param name="cancelParked">Cancels one of them for a run that interrupts it and has the turn of its session.</param>
/// <param name="caller">Calls plugins.</param>
/// <param name="logger">The log.</param>
internal sealed class RunScript(
    ChainHolder chains, SessionGate gate, LiveRuns live, Func<RunContext, RunRecord, ValueTask> cancelParked, PluginCaller caller, ILogger logger)
{
    private readonly SessionOpening _opening = new(caller);
    private readonly SessionEntry _entry = new(gate, caller);
    private readonly RunAcceptance _acceptance = new(gate, caller, logger);
    private readonly TurnDeferral _deferral = new(chains, gate, live.Parked, cancelParked);
    private readonly RunParking _parking = new(live.Parked, caller, logger);
    private readonly ChainInvocation _chain = new(caller, logger);
    private readonly RunCompletion _completion = new(caller, logger);
    private readonly RunItemDisposal _items = new(caller, logger);

    /// <summary>
    /// Runs to the end; never throws. The handle reports how it went. A run that has given up its turn for now has not begun, and its handle says when
    /// it has its turn again.
    /// </summary>
    public async Task RunAsync(RunContext run)
    {
        run.Observed = Observe(run);
        // What leaves nothing behind is not explained either.
        run.Recorder = run.Command.Stateless ? null : BeginRecorder(run);
        // Directly in this method: what the observer makes current ends with it.
        var span = run.Observed is null ? null : caller.Observer.BeginRun(run.Observed);
        ProblemException? refusal = null;
        RunRecord? record;
        try
        {
            record = await RunAsync(run, span);
        }
        catch (Exception e)
        {
            refusal = e as ProblemException ?? Broken(run.Record, e);
            record = Refused(run.Handle, refusal);
        }

        if (record is null)
        {
            await WaitAsync(run, span);
            return;
        }

        // A refused run never was one. Its callers find an ended one before it is written.
        if (run.Recorder is not null) live.Explanations.End(run.Recorder, isKept: refusal is null);
        if (refusal is not null && run.Handle.IsLeft && run.Journal is { IsDurable: true })
        {
            await LeaveAsync(run, span);
            return;
        }

        // Text that waits to be written must not open a run that its callers know as refused.
        if (refusal is not null && run.Journal is { } refused) await refused.CloseAsync();
        // Record metrics before completing the handle, so that a waiter sees them.
        if (run.Observed is not null) Observe(span, run.Observed, record, refusal);
        if (refusal is null && run.IsAnnouncedLate) run.Handle.Announce();
        // The handle has the events themselves.
        if (refusal is null) run.Handle.End(record.Outline is null ? record : record with { Outline = null });
        else if (!run.Handle.Completion.IsCompleted) run.Handle.Refuse(refusal, record);
        // A run of another host's session is that host's to end.
        if (refusal is not null and not SessionElsewhereException && !run.Handle.HasLostSession && run.Journal is { IsDurable: true }) await _acceptance.EndAsync(run, run.Record);
        await _items.DisposeAsync(run);
        if (FailedPlugins.Find(run, record, refusal) is { } failed) run.Set.Tally.Add(failed);
        // After the callers have their answer.
        if (refusal is null) LogEnd(record);
    }

    private RunRecorder? BeginRecorder(RunContext run)
    {
        var recorder = live.Explanations.TryBegin(run.Record, run.Chain.Agent.Instructions);
        if (recorder is not null) SetCommand(recorder, run.Command);
        return recorder;
    }

    private static void SetCommand(RunRecorder recorder, RunCommand command) => recorder.WriteCommand = () => CommandDocument.WriteWithoutInput(command);

    private void LogEnd(RunRecord run)
    {
        if (!logger.IsEnabled(LogLevel.Information)) return;
        var outcome = run.Status switch
        {
            RunStatus.Completed => "completed",
            RunStatus.Cancelled => "cancelled",
            RunStatus.RequiresAction => "requires action",
            RunStatus.Failed when run.Error?.Type == ErrorTypes.RunRefused => "refused",
            _ => $"failed ({run.Error?.Type})",
        };
        var took = (run.CompletedAt ?? caller.Time.GetUtcNow()) - run.CreatedAt;
        Log.RunEnded(
            logger, run.Id, run.Agent, run.Session.Id, outcome, (long)took.TotalMilliseconds, run.Usage?.InputTokenCount ?? 0, run.Usage?.OutputTokenCount ?? 0, run.TraceId ?? "untraced");
    }

    /// <returns>How the run has ended; null when it has given up its turn for now.</returns>
    private async ValueTask<RunRecord?> RunAsync(RunContext run, object? span)
    {
        using var turn = await _entry.EnterAsync(run, _acceptance); // the session's queue
        ThrowIfLeft(run);
        await ThrowIfEndedAsync(run);
        if (await _deferral.TryDeferAsync(run, turn.Queued, _acceptance)) return null;
        await _opening.OpenAsync(run);                       // record, transcript, limits
        Begin(run, span, turn.Queued);                       // the journal, beside the chain; then callers see run.started
        // The journal has an attempt before anything of it runs: one that ends the process must count, or the next process repeats it for ever.
        if (run.Journal is { IsDurable: true }) await run.Opened;
        run.RecordModel();
        run.Outcome = await _chain.InvokeAsync(run);         // stages, model, tools
        await FinishOpeningAsync(run);
        if (run.OpenError is { } error) await RefuseAsync(run, error);
        if (run.Handle.IsParked) return await _parking.ParkAsync(run);
        if (run.Outcome.Outcome != RunOutcome.Completed) ThrowIfLeft(run);
        EndOutput(run);                                      // and input that came too late for the model
        var record = await _completion.CompleteAsync(run);   // appends, observers, one commit
        return run is { IsAnnouncedLate: true, IsUnsaved: true } ? throw Unstored(record) : record;
    }

    /// <summary>The run begins again from its journal when it has its turn: nothing of this try is kept.</summary>
    private async ValueTask WaitAsync(RunContext run, object? span)
    {
        if (run.Recorder is not null) live.Explanations.End(run.Recorder, isKept: false);
        if (run.Observed is not null) caller.Observer.DropRun(span);
        await run.Journal!.CloseAsync();
        // A stop that came just now has not seen that the run waits.
        if (live.IsStopping) run.Handle.Leave();
    }

    private void Begin(RunContext run, object? span, TimeSpan? queued)
    {
        if (run.Observed is not null)
        {
            var earlier = run.Journal?.Recorded;
            caller.Observer.AcceptRun(span, run.Observed with
            {
                PreviousTraceParent = run.SessionRecord?.LastTraceParent,
                IsResumed = earlier?.HasBegun == true,
                ResumedTraceParent = earlier?.TraceParent,
                Queued = queued,
            });
        }

        run.Handle.TraceParent = caller.Observer.GetTraceParent(span);
        // Also when no span is sent: callers find the run by the id of their request, which is that of its trace.
        run.Handle.Begin(run.Record with { Status = RunStatus.Running, TraceId = run.Handle.TraceParent?[3..35] ?? caller.Observer.TraceId });
        _acceptance.Open(run);
    }

    /// <summary>A run that is complete before the store has begun its first write is stored by its save alone: no caller knows it yet.</summary>
    private static async ValueTask FinishOpeningAsync(RunContext run)
    {
        if (run is { FirstWrite: { } first, Opened.IsCompleted: false, Outcome.Outcome: RunOutcome.Completed, Handle.IsParked: false }) BoundedWait.Cancel(first);
        await run.Opened;
    }

    private static void ThrowIfLeft(RunContext run)
    {
        if (run.Handle.IsLeft && run.Journal is { IsDurable: true }) throw Left();
    }

    /// <summary>While the run waited, another host may have taken its session over, ended it, and given the session up.</summary>
    private static async ValueTask ThrowIfEndedAsync(RunContext run)
    {
        var session = run.Record.Session;
        if (!run.Handle.HasLostSession)
        {
            if (run.HoldsTurn || run.Journal is not { IsDurable: true } || !run.Set.Store.IsShared) return;
            if (await run.Set.Store.FindRunAsync(session, run.Record.Id, CancellationToken.None) is not { CompletedAt: not null }) return;
        }

        run.Handle.IsElsewhere = true;
        throw new ProblemException(ProblemTypes.StorageUnavailable, new SessionMovedException(session).Message) { RetryAfterSeconds = 1 };
    }

    public static ProblemException Left() => new(
        ProblemTypes.ShuttingDown, "The host stops before the run has ended. The run is kept and continues when the host is back: read it then by its id.")
    {
        RetryAfterSeconds = 5,
    };

    /// <summary>Neither the journal nor the save has taken the run, so that no caller knows it.</summary>
    private static ProblemException Unstored(RunRecord record) => new(ProblemTypes.StorageUnavailable, record.Error!.Message) { RetryAfterSeconds = 1 };

    /// <summary>The journal did not take the run, so that no caller knows it. Plugins that were entered learn that it failed.</summary>
    private async ValueTask RefuseAsync(RunContext run, Exception error)
    {
        var problem = Broken(run.Record, error);
        run.Outcome = ChainOutcome.Failed(ErrorTypes.Storage, problem.Message);
        await _completion.ObserveAsync(run);
        throw problem;
    }

    private async ValueTask LeaveAsync(RunContext run, object? span)
    {
        run.Journal!.Add(new JournalEntry.Left());
        await run.Journal.TryFlushAsync();
        await run.Journal.CloseAsync();
        if (run.Observed is not null) caller.Observer.EndRun(span, run.Observed, run.Record);
        Journal.Log.RunLeft(logger, run.Record.Id);
        run.Handle.EndLeft(Left());
        await _items.DisposeAsync(run);
    }

    /// <summary>Input that no call of the model took is delivered and stored behind the output.</summary>
    private static void EndOutput(RunContext run)
    {
        run.Handle.Delivery.EndOutput(run.Outcome.Outcome == RunOutcome.Completed);
        run.LateInput = run.Handle.Inbox.Close();
        run.Handle.Delivery.DeliverLate(run.LateInput);
    }

    private ObservedRun? Observe(RunContext run)
    {
        if (!caller.Observer.ObservesNextRun) return null;
        var model = run.Chain.Agent.Model;
        return run.Handle.Observed() with { Provider = model.Client, Model = model.Model, IsStateless = run.Command.Stateless, User = run.Command.NamedUser };
    }

    private void Observe(object? span, ObservedRun run, RunRecord record, ProblemException? refusal)
    {
        // A run that was refused never was one; one that a broken store or the host itself keeps from its work has failed.
        if (refusal is null || ProblemTypes.IsFailure(refusal.Type)) caller.Observer.EndRun(span, run, record);
        else caller.Observer.DropRun(span);
    }

    private ProblemException Broken(RunRecord record, Exception e)
    {
        Log.RunBroke(logger, record.Id, LoggableError.From(e));
        return StorageFailure.IsOfStorage(e)
            ? StorageFailure.Problem(e)
            : new ProblemException(ProblemTypes.InternalError, $"The host failed; its log has the cause under {record.Id}.");
    }

    /// <summary>The record of a run that does not begin, and is not stored.</summary>
    private RunRecord Refused(RunHandle handle, ProblemException refusal) => handle.Completion.IsCompleted
        // Its callers know already how it ended.
        ? handle.Record
        : handle.Record with
        {
            Status = RunStatus.Failed,
            CompletedAt = caller.Time.GetUtcNow(),
            Error = new RunError { Type = refusal.Type.Slug, Message = refusal.Message },
        };
}
