using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Chains.Compaction;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>Finds runs, live and stored.</summary>
internal sealed partial class RunEngine
{
    /// <summary>The agent that a request means; null when there is none of that name, or several and no name.</summary>
    public AgentConfiguration? FindAgent(string? name)
    {
        var set = _chains.Lease();
        try
        {
            return name is not null ? set.Find(name)?.Agent : set.Chains is [var only] ? only.Agent : null;
        }
        finally
        {
            set.Release();
        }
    }

    /// <summary>Checks that the host can read its own compaction items in messages that later runs have before their input.</summary>
    /// <param name="tenant">The caller's tenant.</param>
    /// <param name="messages">The messages.</param>
    /// <param name="name">The field that holds them, for errors.</param>
    /// <exception cref="ProblemException">400, with all that is wrong.</exception>
    public void CheckCompaction(string tenant, IReadOnlyList<ChatMessage> messages, string name)
    {
        var set = _chains.Lease();
        try
        {
            RunCommandCheck.CheckCompaction(messages, tenant, set.Seal, name);
        }
        finally
        {
            set.Release();
        }
    }

    /// <summary>What a model gets of a conversation: without what compaction items of the host replace.</summary>
    /// <param name="tenant">The caller's tenant.</param>
    /// <param name="messages">The conversation.</param>
    public IReadOnlyList<ChatMessage> SeeCompacted(string tenant, IReadOnlyList<ChatMessage> messages)
    {
        var set = _chains.Lease();
        try
        {
            return new CompactionView(set.Seal, tenant).Apply(messages, static (ChatMessage _) => true);
        }
        finally
        {
            set.Release();
        }
    }

    /// <summary>The agent that a request means, for a call that is not a run.</summary>
    /// <exception cref="ProblemException">There is no such agent, or the host is stopping.</exception>
    public ModelLease LeaseModel(string? agent)
    {
        if (_live.IsStopping) throw RunAdmission.Stopping();
        var set = _chains.Lease();
        try
        {
            return new ModelLease(set, FindChain(set, agent));
        }
        catch
        {
            set.Release();
            throw;
        }
    }

    /// <summary>A run that is queued or running, or ended a short while ago; null when it is none of these.</summary>
    public RunHandle? FindLive(SessionKey session, string runId) => _live.Find(session, runId);

    /// <summary>The same, for a caller who comes to a run to follow it.</summary>
    /// <exception cref="SessionElsewhereException">It is in progress on another host.</exception>
    public async ValueTask<RunHandle?> AttachAsync(SessionKey session, string runId, CancellationToken cancellationToken)
    {
        if (_claims.Source is not null && FindLive(session, runId) is null && await LeasedAsync(set => set.Store.FindRunAsync(session, runId, cancellationToken)) is { } stored)
            await CarryOnAsync(stored);
        var handle = FindLive(session, runId);
        if (handle is not null && _observer.IsEnabled) _observer.RunAttached(handle.Observed(), handle.TraceParent, Attachment.Reattached);
        return handle;
    }

    /// <summary>A live run of a tenant by its id alone; null when there is none.</summary>
    public RunHandle? FindLive(string tenant, string runId) => _live.Find(tenant, runId);

    /// <summary>A run of a tenant by its id alone, live or stored; null when there is none.</summary>
    public async ValueTask<RunRecord?> FindRunAsync(string tenant, string runId, CancellationToken cancellationToken)
    {
        if (FindLive(tenant, runId) is { } live) return live.Record;
        var page = await LeasedAsync(set => set.Store.FindRunsAsync(new RunQuery { Tenant = tenant, RunId = runId, Limit = 1 }, cancellationToken));
        return page.Items.Count > 0 ? await CarryOnAsync(page.Items[0]) : null;
    }

    /// <exception cref="ProblemException">There is no such run.</exception>
    public async ValueTask<RunRecord> GetRunAsync(SessionKey session, string runId, CancellationToken cancellationToken)
    {
        if (FindLive(session, runId) is { } live) return live.Record;
        return await CarryOnAsync(await LeasedAsync(set => set.Store.FindRunAsync(session, runId, cancellationToken)) ?? throw ProblemException.RunNotFound(runId));
    }

    /// <summary>Takes over a run that is stored as in progress and that no host carries on. Of one that another host carries on, that host knows more than the store.</summary>
    /// <returns>The run as it is now.</returns>
    /// <exception cref="SessionElsewhereException">It is in progress on another host.</exception>
    private async ValueTask<RunRecord> CarryOnAsync(RunRecord stored)
    {
        if (_claims.Source is null || stored is not { CompletedAt: null, Status: RunStatus.Queued or RunStatus.Running }) return stored;
        return await LeasedAsync(async set =>
        {
            await _claims.EnsureAsync(stored.Session);
            return FindLive(stored.Session, stored.Id)?.Record ?? await set.Store.FindRunAsync(stored.Session, stored.Id, CancellationToken.None) ?? stored;
        });
    }

    /// <summary>The stored runs of a session. A page ends early when it is large.</summary>
    /// <exception cref="ProblemException">There is no such session, or the cursor is unknown.</exception>
    public ValueTask<Page<RunRecord>> ListRunsAsync(RunQuery query, CancellationToken cancellationToken) => LeasedAsync(async set =>
    {
        query = query with { MaxBytes = PageBytes.Max };
        var session = new SessionKey(query.Tenant, query.SessionId!);
        await set.Store.GetAsync(session, cancellationToken);
        var page = PageBytes.Cut(WithLive(await set.Store.FindRunsAsync(query, cancellationToken)), query);
        if (page.Items.Count == 0 && (query.After ?? query.Before) is { } cursor
            && await set.Store.FindRunAsync(session, cursor, cancellationToken) is null)
        {
            throw ProblemException.UnknownCursor(query.After is null ? "before" : "after", cursor);
        }

        return page;
    });

    /// <summary>Of a run in progress the store has the record that was written last, which may be older than the one in memory.</summary>
    private Page<RunRecord> WithLive(Page<RunRecord> page) => page.Items.All(r => r.CompletedAt is not null)
        ? page
        : page with { Items = [.. page.Items.Select(r => r.CompletedAt is null && _live.Find(r.Session, r.Id) is { } live ? live.Record : r)] };

    private async ValueTask<T> LeasedAsync<T>(Func<ChainSet, ValueTask<T>> read)
    {
        var set = _chains.Lease();
        try
        {
            return await read(set);
        }
        catch (SessionStoreException e)
        {
            Sessions.Log.SessionCallFailed(_logger, set.Store.Plugin.SourceId, LoggableError.From(e));
            throw StorageFailure.Problem(e);
        }
        finally
        {
            set.Release();
        }
    }
}
