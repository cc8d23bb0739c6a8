using PluginHost.Engine.Calls;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>
/// The session store as the engine sees it: every call goes through <see cref="PluginCaller"/>, so that a store that hangs keeps
/// no session busy. What an abandoned call still does is unknown, as after a crash: a later save meets it as a conflict. Thread-safe.
/// </summary>
internal sealed partial class SessionStoreClient
{
    private readonly PluginCaller _caller;
    private readonly ISessionStore _store;
    private readonly SessionCounts _counts;
    private readonly SessionClaims? _claims;
    private volatile bool _timedOut;

    /// <param name="plugin">The store.</param>
    /// <param name="caller">Calls it.</param>
    /// <param name="claims">The sessions of this host, which loses them when the store refuses a write or a claim; null where sessions are not claimed.</param>
    public SessionStoreClient(PluginInstance plugin, PluginCaller caller, SessionClaims? claims = null)
    {
        Plugin = plugin;
        (_caller, _claims) = (caller, claims);
        _store = plugin.SessionStore ?? throw new ArgumentException("The plugin is no session store.", nameof(plugin));
        // Not under a caller's token: others wait for the same count.
        _counts = new SessionCounts(
            tenant => CallAsync(HostOperation.SessionLoad, tenant, static (store, t, ct) => store.CountSessionsAsync(t, ct), CancellationToken.None).AsTask(),
            caller.Time,
            IsShared);
    }

    public PluginInstance Plugin { get; }

    /// <summary>Whether the last call that ended ran into its timeout.</summary>
    public bool HasTimedOut => _timedOut;

    /// <summary>Whether the store commits the appends of an instance's history with its own saves.</summary>
    public bool Covers(PluginInstance plugin) => plugin.History is { } history && _store.Covers(history);

    /// <summary>A session's record; null when there is none.</summary>
    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public async ValueTask<SessionRecord?> FindAsync(SessionKey key, CancellationToken cancellationToken)
    {
        var page = await FindSessionsAsync(new SessionQuery { Tenant = key.Tenant, Id = key.Id, Limit = 1 }, cancellationToken);
        return page.Items.Count > 0 ? page.Items[0] : null;
    }

    /// <exception cref="ProblemException">There is no such session.</exception>
    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public async ValueTask<SessionRecord> GetAsync(SessionKey key, CancellationToken cancellationToken) =>
        await FindAsync(key, cancellationToken) ?? throw ProblemException.SessionNotFound(key.Id);

    /// <summary>A run of a session; null when there is none.</summary>
    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public async ValueTask<RunRecord?> FindRunAsync(SessionKey session, string runId, CancellationToken cancellationToken)
    {
        var page = await FindRunsAsync(new RunQuery { Tenant = session.Tenant, SessionId = session.Id, RunId = runId, Limit = 1 }, cancellationToken);
        return page.Items.Count > 0 ? page.Items[0] : null;
    }

    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public ValueTask<Page<SessionRecord>> FindSessionsAsync(SessionQuery query, CancellationToken cancellationToken) =>
        CallAsync(HostOperation.SessionLoad, query, static (store, q, ct) => store.FindSessionsAsync(q, ct), cancellationToken);

    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public ValueTask<Page<RunRecord>> FindRunsAsync(RunQuery query, CancellationToken cancellationToken) =>
        CallAsync(HostOperation.SessionLoad, query, static (store, q, ct) => store.FindRunsAsync(q, ct), cancellationToken);

    /// <returns>Null when the store finds no runs over all sessions.</returns>
    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public ValueTask<RunSearchPage?> SearchRunsAsync(RunSearch search, CancellationToken cancellationToken) =>
        CallAsync(HostOperation.SessionLoad, search, static (store, s, ct) => store.SearchRunsAsync(s, ct), cancellationToken);

    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public ValueTask<long> CountSessionsAsync(string tenant, CancellationToken cancellationToken) => _counts.GetAsync(tenant, cancellationToken);

    /// <param name="save">The save.</param>
    /// <param name="run">The run that saves its own end; null for other work.</param>
    /// <exception cref="SessionConflictException">The store has a newer version.</exception>
    /// <exception cref="SessionStoreException">The store failed or took too long, or the run has lost its session.</exception>
    public async ValueTask SaveAsync(SessionSave save, RunHandle? run = null)
    {
        ThrowIfMoved(run);
        await CallAsync(
            HostOperation.SessionSave,
            save,
            static async (store, s, ct) =>
            {
                await store.SaveAsync(s, ct);
                return true;
            },
            CancellationToken.None,
            run);
        if (save.ExpectedVersion == 0) _counts.Change(save.Session.Key.Tenant, 1);
    }

    /// <returns>How many records were removed.</returns>
    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public async ValueTask<int> DeleteAsync(SessionKey session)
    {
        var removed = await CallAsync(
            HostOperation.SessionDelete, session, static (store, key, ct) => store.DeleteAsync(key, ct), CancellationToken.None);
        if (removed > 0) _counts.Change(session.Tenant, -1);
        return removed;
    }

    private async ValueTask<T> CallAsync<TArgument, T>(
        HostOperation kind,
        TArgument argument,
        Func<ISessionStore, TArgument, CancellationToken, ValueTask<T>> call,
        CancellationToken cancellationToken,
        RunHandle? run = null)
    {
        // A claim that comes while the call is on its way is not lost by it.
        var claim = run is { Claim: > 0 } ? run.Claim : _claims?.LastClaim ?? 0;
        try
        {
            var result = await _caller.CallUnobservedAsync(
                new PluginCall(Plugin, kind), (_store, argument, call), static (s, ct) => s.call(s._store, s.argument, ct), cancellationToken);
            _timedOut = false;
            return result;
        }
        catch (PluginException e) when (e.InnerException is SessionConflictException conflict)
        {
            // A conflict is an answer, not a failure.
            throw conflict;
        }
        catch (PluginException e)
        {
            _timedOut = e.TimedOut;
            if (e.InnerException is SessionMovedException moved) _claims?.Lose(moved.Session, claim);
            throw e.TimedOut
                ? SessionStoreException.TimedOut(Plugin.SourceId, Plugin.Entry.Host.Timeout, e.InnerException!)
                : SessionStoreException.Failed(Plugin.SourceId, e.InnerException!);
        }
    }
}
