using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;

namespace PluginHost.Engine.Runs.Execution;

/// <summary>Gets a run its turn on its session. Stateless.</summary>
internal sealed class SessionEntry(SessionGate gate, PluginCaller caller)
{
    /// <summary>Waits for the run's turn. A run that is cancelled meanwhile ends for its callers at once, and keeps its place to be stored.</summary>
    /// <param name="run">The run.</param>
    /// <param name="acceptance">Accepts a run in the background that waits, and ends one that is cancelled meanwhile.</param>
    public async ValueTask<SessionTurn> EnterAsync(RunContext run, RunAcceptance acceptance)
    {
        // No other run can be on a session that exists for one run only.
        if (run.Command.Stateless) return new SessionTurn(gate: null, run, queued: null);
        if (run.HoldsTurn) return new SessionTurn(gate, run, queued: null);
        var (handle, session) = (run.Handle, run.Record.Session);
        if (run.Command.AfterRun is { } after)
        {
            // After the run that is on the session now, this one would have to fork anyway.
            return await gate.TryEnterAsync(session, handle) ? new SessionTurn(gate, run, queued: null) : throw SessionOpening.NotLast(after, session);
        }

        var settings = run.Command.Busy is { } busy ? run.Set.Settings with { Busy = busy } : run.Set.Settings;
        // What is accepted is done, however long it waits.
        if (run.Command.Background) settings = settings with { QueueTimeout = Timeout.InfiniteTimeSpan };
        var turn = gate.EnterAsync(session, settings, handle, CancellationToken.None, handle.Cancellation);
        if (turn.IsCompletedSuccessfully) return new SessionTurn(gate, run, queued: null);
        var since = caller.Time.GetTimestamp();
        await using var ending = handle.Cancellation.UnsafeRegister(_ => _ = acceptance.EndQueuedAsync(run), null);
        var waiting = turn.AsTask();
        if (settings.Busy == BusyPolicy.Interrupt && gate.FindRun(session) is { } other && other != handle) await InterruptAsync(other, run);
        if (run.Command.Background) await acceptance.AcceptAsync(run, waiting);
        await waiting;
        return new SessionTurn(gate, run, caller.Time.GetElapsedTime(since));
    }

    /// <summary>Cancels a run. The caller who does not wait gets no answer before that is stored: a lost process would continue the other run.</summary>
    private static async ValueTask InterruptAsync(RunHandle other, RunContext run)
    {
        other.Cancel();
        if (run.Command.Background) await ((Task)other.Completion).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
