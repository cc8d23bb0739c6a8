using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Execution;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>Accepts runs and carries them to their outcome. Thread-safe.</summary>
internal sealed partial class RunEngine
{
    private readonly ChainHolder _chains;
    private readonly RunFlow _flow;
    private readonly RunAdmission _admission;
    private readonly LiveRuns _live;
    private readonly TenantRuns _tenants = new();
    private readonly HostObserver _observer;
    private readonly TimeProvider _time;

    internal RunEngine(ChainHolder chains, SessionGate gate, LiveRuns live, PluginCaller calls, ILogger<RunEngine> logger)
    {
        _chains = chains;
        _live = live;
        _time = calls.Time;
        _observer = calls.Observer;
        _admission = new RunAdmission(live, calls.Time);
        _flow = new RunFlow(gate, calls, logger);
    }

    /// <summary>
    /// Accepts a run: checks it, gives it an id and queues it on its session. Returns when its turn has come and its session has
    /// been checked; a run in the background at once. Never waits for the model.
    /// </summary>
    /// <param name="command">The run.</param>
    /// <param name="cancellationToken">Cancelled when the caller's connection is lost: ends the waiting, and the run when so configured.</param>
    /// <exception cref="ProblemException">The run was refused; nothing was stored.</exception>
    public async ValueTask<RunHandle> StartAsync(RunCommand command, CancellationToken cancellationToken)
    {
        if (_live.IsStopping) throw RunAdmission.Stopping();
        var set = _chains.Lease();
        RunStart start;
        try
        {
            var chain = FindChain(set, command.Agent);
            RunCommandCheck.Check(command, set.Settings);
            start = await AdmitAsync(set, chain, command, cancellationToken);
        }
        catch (Exception e)
        {
            set.Release();
            if (StorageFailure.Is(e)) throw StorageFailure.Problem(e);
            throw;
        }

        if (start.IsJoined)
        {
            if (_observer.IsEnabled) _observer.RunAttached(start.Handle.Observed(), start.Handle.TraceParent, replayed: true);
        }
        else
        {
            _ = RunAsync(start, set);
        }

        if (!command.Background) await WaitUntilAcceptedAsync(start.Handle, cancellationToken);
        return start.Handle;
    }

    /// <summary>Cancels a run and returns it when it has ended; a run that has ended already is returned as it is.</summary>
    /// <exception cref="ProblemException">404.</exception>
    public async ValueTask<RunRecord> CancelAsync(SessionKey session, string runId, CancellationToken cancellationToken)
    {
        if (FindLive(session, runId) is not { } live) return await GetRunAsync(session, runId, cancellationToken);
        live.Cancel();
        return await live.Completion.WaitAsync(cancellationToken);
    }

    /// <summary>Refuses new runs, lets the running ones end up to a deadline, then cancels the rest and waits until they are stored.</summary>
    public Task StopAsync(TimeSpan deadline) => _live.StopAsync(deadline, _time);

    /// <summary>A run that begins is counted until it has ended; one that is joined is counted already.</summary>
    private async ValueTask<RunStart> AdmitAsync(ChainSet set, Chain chain, RunCommand command, CancellationToken cancellationToken)
    {
        _tenants.Enter(command.Tenant, set.Settings.MaxConcurrentRuns);
        var begins = false;
        try
        {
            var start = await _admission.AdmitAsync(set, chain, command, cancellationToken);
            begins = !start.IsJoined;
            return start;
        }
        finally
        {
            if (!begins) _tenants.Exit(command.Tenant);
        }
    }

    private static async ValueTask WaitUntilAcceptedAsync(RunHandle handle, CancellationToken cancellationToken)
    {
        try
        {
            await handle.Accepted.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            handle.Abandon();
            throw;
        }
    }

    private async Task RunAsync(RunStart start, ChainSet set)
    {
        try
        {
            await _flow.RunAsync(start, set);
        }
        finally
        {
            _live.Ended(start.Handle);
            _tenants.Exit(start.Command.Tenant);
            set.Release();
        }
    }

    private static Chain FindChain(ChainSet set, string? agent)
    {
        if (agent is null)
        {
            return set.Chains.Count == 1
                ? set.Chains[0]
                : throw ProblemException.Invalid(new ProblemError("agent", "is needed when several agents are configured", Names(set)));
        }

        return set.Find(agent)
            ?? throw new ProblemException(ProblemTypes.AgentNotFound, $"There is no agent '{agent}'. Agents: {Names(set)}.");
    }

    private static string Names(ChainSet set) => string.Join(", ", set.Chains.Select(c => c.Agent.Name));
}
