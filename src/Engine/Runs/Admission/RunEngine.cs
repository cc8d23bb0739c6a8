using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Execution;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>Accepts runs and carries them to their outcome. Thread-safe.</summary>
internal sealed partial class RunEngine
{
    private readonly ChainHolder _chains;
    private readonly RunScript _script;
    private readonly RunAdmission _admission;
    private readonly RunSteering _steering;
    private readonly SessionClaims _claims;
    private readonly LiveRuns _live;
    private readonly KeyedCounter<string> _runsOfTenants = new();
    private readonly RunFinder _finder;
    private readonly RunContinuation _continuation;
    private readonly RunRecovery _recovery;
    private readonly ApprovalDecisions _decisions;
    private readonly ParkedRunCancellation _cancellation;
    private readonly ApprovalExpiry _expiry;
    private readonly HostObserver _observer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    internal RunEngine(ChainHolder chains, SessionGate gate, SessionClaims claims, LiveRuns live, PluginCaller caller, ILogger<RunEngine> logger, KeptTraces? traces = null)
    {
        _chains = chains;
        _claims = claims;
        _live = live;
        _logger = logger;
        _finder = new RunFinder(live, traces ?? new KeptTraces(0));
        _time = caller.Time;
        _observer = caller.Observer;
        _steering = new RunSteering(live, gate);
        _admission = new RunAdmission(live, _steering, claims, caller.Time, logger);
        var parked = live.Parked;
        _observer.ObserveParkedRuns(() => parked.Count);
        _script = new RunScript(chains, gate, live, (run, other) => _cancellation!.InterruptAsync(run, other), caller, logger);
        _continuation = new RunContinuation(chains, gate, live, _script, _runsOfTenants, caller, logger);
        _recovery = new RunRecovery(chains, gate, claims, live, _continuation, caller, logger);
        _decisions = new ApprovalDecisions(gate, live, parked, _continuation, caller, logger);
        _cancellation = new ParkedRunCancellation(gate, live, parked, _continuation, caller);
        (claims.TakeOver, claims.Stop, claims.Forget) = (_recovery.TakeOverAsync, live.LoseSession, live.ForgetEnded);
        _expiry = new ApprovalExpiry(chains, live, parked, _decisions, caller.Time, logger);
    }

    /// <summary>What happens in the host.</summary>
    public HostEvents Events => _live.Events;

    /// <summary>
    /// Accepts a run: checks it, gives it an id and queues it on its session. Returns when its turn has come and its session has
    /// been checked; a run in the background when it is in the queue and in the journal. Never waits for the model.
    /// </summary>
    /// <param name="command">The run.</param>
    /// <param name="cancellationToken">Cancelled when the caller's connection is lost: ends the waiting, and the run when so configured.</param>
    /// <exception cref="ProblemException">The run was refused; nothing was stored.</exception>
    public async ValueTask<RunHandle> StartAsync(RunCommand command, CancellationToken cancellationToken)
    {
        try
        {
            return await BeginAsync(command, cancellationToken);
        }
        catch (ProblemException e) when (_observer.IsEnabled)
        {
            // A run that is not the last one is answered with a branch, one of another host is passed on, and a store or a host that fails refuses nothing.
            if (e.Type != ProblemTypes.RunNotLast && e is not SessionElsewhereException && !ProblemTypes.IsFailure(e.Type)) _observer.RefuseRequest(e.Type.Slug);
            throw;
        }
    }

    private async ValueTask<RunHandle> BeginAsync(RunCommand command, CancellationToken cancellationToken)
    {
        if (_live.IsStopping) throw RunAdmission.Stopping();
        var set = _chains.Lease();
        var admitted = default(AdmittedRun);
        try
        {
            await SendToHostOfAgentAsync(set, command);
            var chain = FindChain(set, command.Agent);
            RunCommandCheck.Check(command, set.Settings);
            RunCommandCheck.CheckCompaction(command, set.Seal);
            if (command is { Stateless: false, SessionId: { } known }) await _claims.EnsureAsync(new SessionKey(command.Tenant, known));
            if (command is { Background: true, CreateSession: false, SessionId: { } id }) await CheckExistsAsync(set, new SessionKey(command.Tenant, id), cancellationToken);
            admitted = await AdmitAsync(set, chain, command, cancellationToken);
        }
        catch (Exception e) when (StorageFailure.Is(e))
        {
            Sessions.Log.SessionCallFailed(_logger, set.Store.Plugin.SourceId, LoggableError.From(e));
            throw StorageFailure.Problem(e);
        }
        finally
        {
            if (admitted.Run is null) set.Release();
        }

        var handle = admitted.Handle;
        if (admitted.Run is not null) _ = RunAsync(admitted.Run);
        else if (_observer.IsEnabled) _observer.RunAttached(handle.Observed(), handle.TraceParent, handle.Inbox.Has(command) ? Attachment.Steered : Attachment.Replayed);

        await WaitUntilAcceptedAsync(handle, cancellationToken);
        return handle;
    }

    /// <summary>Runs a command through a chain of a set that does not serve yet.</summary>
    /// <exception cref="ProblemException">The run was refused; nothing was stored.</exception>
    public async ValueTask<RunRecord> ProbeAsync(ChainSet set, Chain chain, RunCommand command, CancellationToken cancellationToken)
    {
        var admitted = await AdmitAsync(set, chain, command, cancellationToken);
        set.TryLease();
        await using var cancelling = cancellationToken.UnsafeRegister(static handle => ((RunHandle)handle!).Cancel(), admitted.Handle);
        await RunAsync(admitted.Run!);
        // The set has no runs of callers yet, and a probe is none.
        set.Tally.Clear();
        _live.Forget(admitted.Handle.Record.Session);
        return admitted.Handle.Record;
    }

    /// <summary>Cancels a run and returns it when it has ended; a run that has ended already is returned as it is.</summary>
    /// <exception cref="ProblemException">404.</exception>
    public async ValueTask<RunRecord> CancelAsync(SessionKey session, string runId, CancellationToken cancellationToken)
    {
        var run = await EndAsync(session, runId, cancellationToken);
        if (!_cancellation.CanCancel(run)) return run;
        return await LeasedAsync(set => _cancellation.CancelAsync(set, run, cancellationToken)) ?? await EndAsync(session, runId, cancellationToken);
    }

    /// <summary>Takes over what earlier processes left: runs that were in progress, and runs that wait for approvals. Does not wait for them.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        _expiry.Start();
        await _recovery.StartAsync(cancellationToken);
    }

    /// <summary>Takes over what hosts that are gone left. Does not wait for it.</summary>
    public Task TakeRunsOverAsync()
    {
        if (_live.IsStopping) return Task.CompletedTask;
        // Runs that wait for approvals are due here, too.
        _expiry.Start();
        return _recovery.StartAsync(CancellationToken.None);
    }

    private async ValueTask<RunRecord> EndAsync(SessionKey session, string runId, CancellationToken cancellationToken)
    {
        if (FindLive(session, runId) is not { } live)
        {
            var stored = await GetRunAsync(session, runId, cancellationToken);
            // It may have been taken over by that.
            if (FindLive(session, runId) is not { } taken) return stored;
            live = taken;
        }

        live.Cancel();
        return await live.Completion.WaitAsync(cancellationToken);
    }

    /// <inheritdoc cref="LiveRuns.StopAsync"/>
    public async Task StopAsync(TimeSpan timeout, TimeSpan cancelTimeout)
    {
        await _live.StopAsync(timeout, cancelTimeout, _time);
        await _live.Explanations.FlushAsync(cancelTimeout / 2);
    }

    /// <summary>Counts what is done for a tenant as one of its runs, as long as it takes.</summary>
    /// <exception cref="ProblemException">The tenant has as many runs as it may, or the host stops.</exception>
    public async ValueTask<T> CountAsync<T>(string tenant, int limit, Func<ValueTask<T>> work)
    {
        if (_live.IsStopping) throw RunAdmission.Stopping();
        if (!_runsOfTenants.TryAdd(tenant, limit)) throw TooManyRuns(limit);
        try
        {
            return await work();
        }
        finally
        {
            _runsOfTenants.Remove(tenant);
        }
    }

    /// <summary>A run that begins is counted until it has ended; one that is joined is counted already.</summary>
    private async ValueTask<AdmittedRun> AdmitAsync(ChainSet set, Chain chain, RunCommand command, CancellationToken cancellationToken)
    {
        var limit = set.Settings.MaxConcurrentRuns;
        if (!_runsOfTenants.TryAdd(command.Tenant, limit)) throw TooManyRuns(limit);
        var admitted = default(AdmittedRun);
        try
        {
            admitted = await _admission.AdmitAsync(set, chain, command, cancellationToken);
            if (admitted.Run is not null) admitted.Handle.CountedIn = _runsOfTenants;
            return admitted;
        }
        finally
        {
            if (admitted.Run is null) _runsOfTenants.Remove(command.Tenant);
        }
    }

    /// <summary>While hosts change their configurations one after the other, an agent may be on some of them only.</summary>
    /// <exception cref="SessionElsewhereException">Another host has the agent, or the session.</exception>
    private async ValueTask SendToHostOfAgentAsync(ChainSet set, RunCommand command)
    {
        if (command.Agent is not { } agent || _claims.Source is not { } hosts || set.Find(agent) is not null || hosts.FindHost(agent) is not { } host) return;
        if (command is { Stateless: false, SessionId: { } id })
        {
            var session = new SessionKey(command.Tenant, id);
            // Another host that has it, and lacks the agent too, gives it up when it gets the request.
            await _claims.EnsureAsync(session);
            await _claims.ReleaseAsync(session);
        }

        throw new SessionElsewhereException($"agent '{agent}'", host);
    }

    /// <summary>A caller who does not wait for the run's turn learns now that there is no session. The first run of a session saves it when it ends.</summary>
    private async ValueTask CheckExistsAsync(ChainSet set, SessionKey session, CancellationToken cancellationToken)
    {
        if (!_live.InSession(session).Any()) await set.Store.GetAsync(session, cancellationToken);
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

    private async Task RunAsync(RunContext run)
    {
        try
        {
            await _script.RunAsync(run);
        }
        finally
        {
            _continuation.Conclude(run.Handle, run.Set.Settings.MaxEndedRunBytes);
            run.Set.Release();
        }
    }

    private static ProblemException TooManyRuns(int limit) => new(
        ProblemTypes.TooManyRuns,
        $"The tenant has {limit} runs waiting or running, which is the limit (Sessions:MaxConcurrentRuns). Try again later.")
    {
        RetryAfterSeconds = 1,
    };

    internal static Chain FindChain(ChainSet set, string? agent)
    {
        if (agent is null)
        {
            return set.Chains.Count == 1
                ? set.Chains[0]
                : throw ProblemException.Invalid(new ProblemError("agent", "Required, because several agents are configured.", Names(set)));
        }

        return set.Find(agent)
            ?? throw new ProblemException(ProblemTypes.AgentNotFound, $"There is no agent '{agent}'. Agents: {Names(set)}.");
    }

    private static string Names(ChainSet set) => string.Join(", ", set.Chains.Select(c => c.Agent.Name));
}
