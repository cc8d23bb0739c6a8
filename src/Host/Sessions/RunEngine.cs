using PluginHost.Pipeline;
using PluginHost.Sdk;

namespace PluginHost.Sessions;

/// <summary>Accepts runs and carries them to their outcome. Thread-safe.</summary>
public sealed class RunEngine
{
    private readonly ChainHolder _chains;
    private readonly RunFlow _flow;
    private readonly RunAdmission _admission;
    private readonly LiveRuns _live;
    private readonly TenantRuns _tenants = new();
    private readonly HostObserver _observer;
    private readonly TimeProvider _time;

    internal RunEngine(ChainHolder chains, SessionGate gate, LiveRuns live, PluginCalls calls, ILogger<RunEngine> logger)
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
    /// <param name="cancellationToken">Gives up waiting for the turn; has no effect on the run afterwards.</param>
    /// <exception cref="ProblemException">The run was refused; nothing was stored.</exception>
    public async ValueTask<RunHandle> StartAsync(RunCommand command, CancellationToken cancellationToken)
    {
        if (_live.IsStopping) throw RunAdmission.Stopping();
        var set = _chains.Lease();
        RunStart start;
        try
        {
            var chain = FindChain(set, command.Agent);
            CommandChecks.Check(command, set.Settings);
            start = await AdmitAsync(set, chain, command, cancellationToken);
        }
        catch (Exception e)
        {
            set.Release();
            if (StorageTrouble.Is(e)) throw StorageTrouble.Problem(e);
            throw;
        }

        if (start.Ended)
        {
            if (_observer.IsEnabled) _observer.RunAttached(start.Handle.Observed(), start.Handle.TraceParent, replayed: true);
            return start.Handle;
        }

        _ = RunAsync(start, set, cancellationToken);
        if (!command.Background) await start.Handle.Accepted;
        return start.Handle;
    }

    /// <summary>A run that is queued or running, or ended a short while ago; null when it is none of these.</summary>
    public RunHandle? FindLive(SessionKey session, string runId) => _live.Find(session, runId);

    /// <summary>The same, for a caller who comes to a run to follow it.</summary>
    public RunHandle? Attach(SessionKey session, string runId)
    {
        var handle = FindLive(session, runId);
        if (handle is not null && _observer.IsEnabled) _observer.RunAttached(handle.Observed(), handle.TraceParent, replayed: false);
        return handle;
    }

    /// <summary>A live run of a tenant by its id alone; null when there is none.</summary>
    public RunHandle? FindLive(string tenant, string runId) => _live.Find(tenant, runId);

    /// <summary>A run of a tenant by its id alone, live or stored; null when there is none.</summary>
    public async ValueTask<RunRecord?> FindRunAsync(string tenant, string runId, CancellationToken cancellationToken)
    {
        if (FindLive(tenant, runId) is { } live) return live.Record;
        var page = await FindRunsAsync(new RunQuery(tenant) { RunId = runId, Limit = 1 }, cancellationToken);
        return page.Items.Count > 0 ? page.Items[0] : null;
    }

    /// <exception cref="ProblemException">404.</exception>
    public async ValueTask<RunRecord> GetRunAsync(SessionKey session, string runId, CancellationToken cancellationToken)
    {
        if (FindLive(session, runId) is { } live) return live.Record;
        var page = await FindRunsAsync(new RunQuery(session.Tenant) { SessionId = session.Id, RunId = runId, Limit = 1 }, cancellationToken);
        return page.Items.Count > 0 ? page.Items[0] : throw ProblemException.RunNotFound(runId);
    }

    /// <summary>The stored runs of a session.</summary>
    /// <exception cref="ProblemException">404 for the session; 400 for an unknown cursor.</exception>
    public async ValueTask<Page<RunRecord>> ListRunsAsync(RunQuery query, CancellationToken cancellationToken)
    {
        var set = _chains.Lease();
        try
        {
            await Records.RequireAsync(set.Store, new SessionKey(query.Tenant, query.SessionId!), cancellationToken);
            var page = await set.Store.FindRunsAsync(query, cancellationToken);
            if (page.Items.Count == 0 && (query.After ?? query.Before) is { } cursor)
            {
                var known = await set.Store.FindRunsAsync(
                    new RunQuery(query.Tenant) { SessionId = query.SessionId, RunId = cursor, Limit = 1 }, cancellationToken);
                if (known.Items.Count == 0) throw Records.UnknownCursor(query.After is null ? "before" : "after", cursor);
            }

            return page;
        }
        catch (SessionStoreException e)
        {
            throw StorageTrouble.Problem(e);
        }
        finally
        {
            set.Release();
        }
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
            begins = !start.Ended;
            return start;
        }
        finally
        {
            if (!begins) _tenants.Exit(command.Tenant);
        }
    }

    private async Task RunAsync(RunStart start, ChainSet set, CancellationToken cancellationToken)
    {
        try
        {
            await _flow.RunAsync(start, set, cancellationToken);
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
            ?? throw new ProblemException(404, "agent-not-found", $"There is no agent '{agent}'. Agents: {Names(set)}.");
    }

    private static string Names(ChainSet set) => string.Join(", ", set.Chains.Select(c => c.Agent.Name));

    private async ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken)
    {
        var set = _chains.Lease();
        try
        {
            return await set.Store.FindRunsAsync(query, cancellationToken);
        }
        catch (SessionStoreException e)
        {
            throw StorageTrouble.Problem(e);
        }
        finally
        {
            set.Release();
        }
    }
}
