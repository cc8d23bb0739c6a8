using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>Finds runs, live and stored.</summary>
internal sealed partial class RunEngine
{
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
            await SessionLookup.RequireAsync(set.Store, new SessionKey(query.Tenant, query.SessionId!), cancellationToken);
            var page = await set.Store.FindRunsAsync(query, cancellationToken);
            if (page.Items.Count == 0 && (query.After ?? query.Before) is { } cursor)
            {
                var known = await set.Store.FindRunsAsync(
                    new RunQuery(query.Tenant) { SessionId = query.SessionId, RunId = cursor, Limit = 1 }, cancellationToken);
                if (known.Items.Count == 0) throw SessionLookup.UnknownCursor(query.After is null ? "before" : "after", cursor);
            }

            return page;
        }
        catch (SessionStoreException e)
        {
            throw StorageFailure.Problem(e);
        }
        finally
        {
            set.Release();
        }
    }

    private async ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken)
    {
        var set = _chains.Lease();
        try
        {
            return await set.Store.FindRunsAsync(query, cancellationToken);
        }
        catch (SessionStoreException e)
        {
            throw StorageFailure.Problem(e);
        }
        finally
        {
            set.Release();
        }
    }
}
