using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Approvals;
using PluginHost.Engine.Runs.Execution;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>
/// Cancels runs that wait for approvals: they end with what they have put out, and their calls are not made. The journal has the cancellation before
/// anything else happens, so that a later process ends the run too. Thread-safe.
/// </summary>
internal sealed class ParkedRunCancellation(SessionGate gate, LiveRuns live, ParkedRuns parked, RunContinuation continuation, PluginCaller caller)
{
    /// <summary>Whether the run waits, or does not continue although nothing keeps it.</summary>
    public bool CanCancel(RunRecord run) => RunParking.IsParked(run) || live.IsStranded(run);

    /// <returns>The run when it has ended; null when it was not waiting any more.</returns>
    public async ValueTask<RunRecord?> CancelAsync(ChainSet set, RunRecord run, CancellationToken cancellationToken)
    {
        var end = default(CancelledRun);
        await gate.ChangeAsync(run.Session, async () => (end = await CancelInTurnAsync(set, run)).Handle is not null);
        return end.Handle is { } handle ? await handle.Completion.WaitAsync(cancellationToken) : end.Record;
    }

    /// <summary>The same for a run that interrupts it and has the turn of their session, also afterwards.</summary>
    public async ValueTask InterruptAsync(RunContext by, RunRecord run)
    {
        var end = default(CancelledRun);
        await gate.ChangeInTurnAsync(by.Handle, async () => (end = await CancelInTurnAsync(by.Set, run)).Handle is not null);
        if (end.Handle is { } handle) await handle.Completion;
    }

    private async ValueTask<CancelledRun> CancelInTurnAsync(ChainSet set, RunRecord run)
    {
        if (await set.Store.FindRunAsync(run.Session, run.Id, CancellationToken.None) is not { } found || !CanCancel(found)) return default;
        var recorded = await TryReadAsync(set, found);
        // One that has begun since is not waiting.
        if (!RunParking.IsParked(found) && recorded is not ({ IsDecided: true } or { IsCancelled: true })) return default;
        if (set.Find(found.Agent) is null || recorded is null)
        {
            // Without its chain or its journal it has nothing to end with but its record.
            var ended = found with { Status = RunStatus.Cancelled, CompletedAt = caller.Time.GetUtcNow() };
            await RunAcceptance.SaveEndAsync(set.Store, ended, caller.Time);
            parked.Remove(run.Session, run.Id);
            caller.Observer.ReportEnd(ObservedRun.From(ended), ended);
            return new(ended, Handle: null);
        }

        var next = found with { Status = RunStatus.Running, Outline = null };
        var write = new JournalWrite
        {
            Session = next.Session,
            RunId = next.Id,
            Run = next,
            FirstStep = recorded.Steps,
            Steps = [JournalDocument.Write(new JournalEntry.Cancelled())],
        };
        await set.Store.WriteAsync(write, ObservedRun.From(next));
        parked.Remove(run.Session, run.Id);
        return new(next, await ContinueAsync(next));
    }

    /// <summary>Not inside of the trace of the run that interrupts.</summary>
    private Task<RunHandle> ContinueAsync(RunRecord run)
    {
        using (ExecutionContext.SuppressFlow()) return Task.Run(() => continuation.Continue(run) ?? throw RunAdmission.Stopping());
    }

    /// <returns>Null when the journal cannot be read.</returns>
    private static async ValueTask<RecordedRun?> TryReadAsync(ChainSet set, RunRecord run)
    {
        try
        {
            return RecordedRun.Read(await set.Store.ReadStepsAsync(run.Session, run.Id, CancellationToken.None));
        }
        catch (JournalException)
        {
            return null;
        }
    }

    /// <param name="Record">The run; null when it was not waiting any more.</param>
    /// <param name="Handle">The run while it ends; null when it has ended.</param>
    private readonly record struct CancelledRun(RunRecord? Record, RunHandle? Handle);
}
