using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Building;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Explain;
using PluginHost.Engine.Runs.Admission;
using PluginHost.Engine.Runs.Completion;
using PluginHost.Engine.Runs.Execution;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Replay;

/// <summary>
/// Says what a model would be sent. The chain is passed as by a run: histories load, context providers give, middleware works. The model
/// is not called, and nothing is appended, observed or stored. Thread-safe.
/// </summary>
internal sealed class WouldBeRuns(ChainHolder chains, RunEngine engine, LiveRuns live, PluginCaller caller, ILogger<WouldBeRuns> logger)
{
    private readonly SessionOpening _opening = new(caller);
    private readonly ChainInvocation _chain = new(caller, logger);
    private readonly RunItemDisposal _items = new(caller, logger);

    /// <param name="command">The run.</param>
    /// <param name="cancellationToken">Cancelled when the caller leaves.</param>
    /// <exception cref="ProblemException">The run would be refused, or fail.</exception>
    public async ValueTask<RunExplanation> ExplainAsync(RunCommand command, CancellationToken cancellationToken)
    {
        var set = chains.Lease();
        try
        {
            RunCommandCheck.Check(command, set.Settings);
            var run = Create(set, RunEngine.FindChain(set, command.Agent), command);
            await using var cancelling = cancellationToken.UnsafeRegister(static handle => ((RunHandle)handle!).Cancel(), run.Handle);
            return await engine.CountAsync(command.Tenant, set.Settings.MaxConcurrentRuns, () => ExplainAsync(run, cancellationToken));
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            Sessions.Log.SessionCallFailed(logger, (e as PluginException)?.SourceId ?? set.Store.Plugin.SourceId, LoggableError.From(e));
            throw StorageFailure.Problem(e);
        }
        finally
        {
            set.Release();
        }
    }

    private RunContext Create(ChainSet set, Chain chain, RunCommand command)
    {
        var now = caller.Time.GetUtcNow();
        var record = new RunRecord
        {
            Id = IdGenerator.NewRun(now, command, expired: null),
            Session = new SessionKey(command.Tenant, command.SessionId!),
            Agent = chain.Agent.Name,
            Status = RunStatus.Running,
            CreatedAt = now,
            Metadata = command.Metadata,
        };
        var handle = new RunHandle(record, command, cancelOnDisconnect: true);
        var client = new ReplayClient(chain.Client, [], handle);
        // The chain has a history that loads, so that none is added.
        var unsent = new ChainBuilder(caller, logger).Build(chain.Agent, chain.Plugins, client, new InMemoryHistory(), isObserved: false, chain.Budget);
        return new RunContext(command, handle, set, unsent)
        {
            IsDryRun = true,
            Observed = caller.Observer.IsEnabled ? handle.Observed() : null,
            Recorder = new RunRecorder(record, chain.Agent.Instructions, caller.Time),
        };
    }

    private async ValueTask<RunExplanation> ExplainAsync(RunContext run, CancellationToken cancellationToken)
    {
        try
        {
            await _opening.OpenAsync(run);
            run.RecordModel();
            var outcome = await _chain.InvokeAsync(run);
            cancellationToken.ThrowIfCancellationRequested();
            if (outcome.Error is { } error)
                throw new ProblemException(Problem.FromFailedRun(run.Record with { Error = error }) with { Run = null });
            return live.Explanations.Build(run.Recorder!);
        }
        finally
        {
            run.ReleaseSession();
            await _items.DisposeAsync(run);
        }
    }
}
