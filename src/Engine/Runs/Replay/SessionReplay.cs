using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Explain;
using PluginHost.Engine.Runs.Completion;
using PluginHost.Engine.Runs.Execution;
using PluginHost.Engine.Runs.Journal;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Replay;

/// <summary>
/// Makes the recorded runs of a session again with the chains of another set, and compares what the model would have been sent. The model
/// gives the recorded answers, histories and tools what they gave then; nothing is appended, observed or stored. Thread-safe.
/// </summary>
internal sealed class SessionReplay(SessionService sessions, LiveRuns live, PluginCaller caller, ILogger<SessionReplay> logger)
{
    private readonly SessionOpening _opening = new(caller);
    private readonly RunItemDisposal _items = new(caller, logger);

    /// <param name="candidate">The chains.</param>
    /// <param name="session">The session.</param>
    /// <param name="runId">One run; null for all that are recorded.</param>
    /// <param name="cancellationToken">Cancels the replay.</param>
    /// <exception cref="ProblemException">There is no such session, or its store cannot be read.</exception>
    public async ValueTask<IReadOnlyList<ReplayedRun>> ReplayAsync(ChainSet candidate, SessionKey session, string? runId, CancellationToken cancellationToken)
    {
        var record = await sessions.GetAsync(session, cancellationToken);
        var replayed = new List<ReplayedRun>();
        await foreach (var recorded in live.Explanations.FindEndedAsync(session, cancellationToken))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (runId is not null && recorded.RunId != runId) continue;
            replayed.Add(await ReplayAsync(candidate, record, recorded, cancellationToken));
        }

        return replayed;
    }

    private async ValueTask<ReplayedRun> ReplayAsync(ChainSet candidate, SessionRecord session, RunExplanation recorded, CancellationToken cancellationToken)
    {
        var result = new ReplayedRun(recorded.RunId, recorded.Agent);
        if (recorded.Replay is not { } input) return result with { Obstacle = "It ended before it was given anything." };
        if (input.Obstacle is { } obstacle) return result with { Obstacle = obstacle };
        if (candidate.Find(recorded.Agent) is not { } chain) return result with { Obstacle = $"The configuration has no agent '{recorded.Agent}'." };
        var run = Create(candidate, chain, session, recorded, input);
        try
        {
            await InvokeAsync(run, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            if (run.Handle.IsTimedOut) return result with { Obstacle = $"It took longer than {run.Set.Settings.RunTimeout} (Sessions:RunTimeout)." };
            var now = live.Explanations.Build(run.Recorder!);
            var isComplete = recorded.Calls is [.., { Error: null, TookMs: not null, FinishReason: not "tool_calls" }];
            return result with { Differences = ReplayDifference.Find(recorded, now, isComplete) };
        }
        finally
        {
            await _items.DisposeAsync(run);
        }
    }

    private RunContext Create(ChainSet set, Chain chain, SessionRecord session, RunExplanation recorded, ReplayInput input)
    {
        var replay = new RunReplay(recorded, input);
        var command = CommandDocument.Read(input.Command) with { Input = replay.Input };
        var record = new RunRecord
        {
            Id = recorded.RunId,
            Session = session.Key,
            Agent = chain.Agent.Name,
            Status = RunStatus.Running,
            CreatedAt = recorded.StartedAt,
            Metadata = command.Metadata,
        };
        var handle = new RunHandle(record, command, cancelOnDisconnect: true);
        var client = new ReplayClient(chain.Client, recorded.Calls, handle);
        // The chain has a history that loads, so that none is added. Recorded refusals teach the copy alone.
        var replaying = new ChainBuilder(caller, logger).Build(chain.Agent, chain.Plugins, client, new InMemoryHistory(), isObserved: false, chain.Budget.Copy(input.Window));
        return new RunContext(command, handle, set, replaying)
        {
            IsDryRun = true,
            Observed = caller.Observer.IsEnabled ? handle.Observed() : null,
            Replay = replay,
            Recorder = new RunRecorder(record, chain.Agent.Instructions, caller.Time),
            Input = command.Input,
            OpenServiceCalls = input.OpenServiceCalls,
            Session = _opening.View(session.Key, session with { ServiceSessionId = input.ServiceSessionId }),
        };
    }

    /// <summary>How a run ends is part of what was recorded, also when it fails.</summary>
    private async ValueTask InvokeAsync(RunContext run, CancellationToken cancellationToken)
    {
        CurrentRun.Begin(run.Record.Id, run.Handle.Cancellation);
        using var timer = caller.Time.CreateTimer(static state => ((RunHandle)state!).TimeOut(), run.Handle, run.Set.Settings.RunTimeout, Timeout.InfiniteTimeSpan);
        await using var cancelling = cancellationToken.UnsafeRegister(static handle => ((RunHandle)handle!).Cancel(), run.Handle);
        try
        {
            await run.Chain.InvokeAsync(RequestFactory.Create(run), run, run.Handle.Cancellation);
        }
        catch (Exception e) when (e is PluginException or PluginRefusalException or ModelException or OperationCanceledException or RunRefusedException)
        {
            // The calls until then are compared.
        }
        finally
        {
            await run.Handle.Delivery.Output.CompleteAsync(CancellationToken.None);
        }
    }
}
