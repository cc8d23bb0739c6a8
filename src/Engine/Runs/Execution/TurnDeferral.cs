using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Runs.Approvals;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Execution;

/// <summary>Decides whether a run that has its turn gives it up for now, before it begins. Thread-safe.</summary>
/// <param name="chains">The chains in use now.</param>
/// <param name="gate">The queues of the sessions.</param>
/// <param name="parked">The runs that wait for approvals.</param>
/// <param name="cancelParked">Cancels one of them for a run that interrupts it and has the turn of its session.</param>
internal sealed class TurnDeferral(ChainHolder chains, SessionGate gate, ParkedRuns parked, Func<RunContext, RunRecord, ValueTask> cancelParked)
{
    private readonly ParkedSessions _parked = new(parked);

    /// <summary>Gives up the turn of a run, whose handle then says when it has its turn again.</summary>
    /// <param name="run">The run.</param>
    /// <param name="queued">How long it waited for its turn; null when it did not.</param>
    /// <param name="acceptance">Ends an accepted run that was cancelled while it waited.</param>
    /// <returns>False when it begins now.</returns>
    public async ValueTask<bool> TryDeferAsync(RunContext run, TimeSpan? queued, RunAcceptance acceptance) =>
        MeetReload(run, queued) || await MeetParkedAsync(run, acceptance);

    /// <summary>Whether a caller who does not wait knows the run, which so must not be refused.</summary>
    private static bool IsAccepted(RunContext run) => run is { Command.Background: true, Journal.IsDurable: true };

    /// <summary>
    /// An accepted run that waited over a reload begins with the chains that are in use now, because its own may be stopped before it ends. When those
    /// in use do not have its agent, it keeps its own.
    /// </summary>
    private bool MeetReload(RunContext run, TimeSpan? queued)
    {
        if (queued is null || !IsAccepted(run) || !chains.IsReady) return false;
        var current = chains.Current;
        if (current == run.Set || current.Find(run.Record.Agent) is null) return false;
        run.Handle.NextTurn = gate.KeepTurnAsync(run.Handle);
        return true;
    }

    /// <summary>
    /// A run that waits for approvals keeps others off its session, except those that interrupt it. One that was accepted before waits behind it.
    /// </summary>
    private async ValueTask<bool> MeetParkedAsync(RunContext run, RunAcceptance acceptance)
    {
        // One that was cancelled behind a parked run ends without its chain: its input must not be in the history before that run's.
        var wasCancelled = run.EndsCancelled && IsAccepted(run);
        if ((run.OnlyEnds && !wasCancelled) || run.Command.Stateless || await _parked.FindOtherAsync(run) is not { } other) return false;
        if (!wasCancelled && (run.Command.Busy ?? run.Set.Settings.Busy) == BusyPolicy.Interrupt)
        {
            await cancelParked(run, other);
            return false;
        }

        var handle = run.Handle;
        if (!wasCancelled && IsAccepted(run) && !handle.Cancellation.IsCancellationRequested)
        {
            handle.NextTurn = gate.ReenterAsync(handle, enter => _parked.WhenGone(other, enter, handle.Cancellation));
            return true;
        }

        // One that was cancelled while it waited is stored as that.
        if (IsAccepted(run) && !handle.Completion.IsCompleted) await acceptance.EndQueuedAsync(run);
        throw ParkedSessions.Pending(other);
    }
}
