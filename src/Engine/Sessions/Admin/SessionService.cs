using System.Collections.ObjectModel;
using System.Text.Json.Nodes;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Engine.Sessions.Snapshots;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Admin;

/// <summary>All that callers do with sessions beside running agents. Thread-safe.</summary>
internal sealed partial class SessionService
{
    private readonly SessionAccess _access;
    private readonly LiveRuns _live;
    private readonly SessionWriter _writer;
    private readonly SessionDeletion _deletion;
    private readonly MessageWriter _messages;
    private readonly PluginCaller _caller;

    internal SessionService(ChainHolder chains, SessionGate gate, LiveRuns live, PluginCaller caller, ILogger<SessionService> logger)
    {
        _access = new SessionAccess(chains, gate, logger);
        _live = live;
        _caller = caller;
        _writer = new SessionWriter(caller);
        _deletion = new SessionDeletion(caller, logger);
        _messages = new MessageWriter(caller, _writer);
    }

    /// <exception cref="ProblemException">409 when the id exists; 400 or 413 when a member is not allowed.</exception>
    public ValueTask<SessionRecord> CreateAsync(NewSession session, CancellationToken cancellationToken)
    {
        var now = _caller.Time.GetUtcNow();
        var record = new SessionRecord
        {
            Key = new(session.Tenant, session.Id ?? IdGenerator.NewSession(now)),
            Version = 1,
            CreatedAt = now,
            UpdatedAt = now,
            Metadata = session.Metadata ?? ReadOnlyDictionary<string, string>.Empty,
            State = StateJson.Read(session.State, "state"),
            ServiceSessionId = session.ServiceSessionId,
        };
        var messages = session.Messages.Select(m => new HistoryMessage { Id = session.MessageIdOf?.Invoke(m) ?? IdGenerator.NewMessage(now), Origin = PartOf(m), Message = m }).ToList();
        return _access.InSessionAsync(
            record.Key,
            set =>
            {
                CheckServiceId(record, set.Settings);
                CheckSizes(session.Messages, set.Settings);
                return _writer.CreateAsync(set, record, messages, cancellationToken);
            },
            cancellationToken);
    }

    /// <exception cref="ProblemException">404.</exception>
    public ValueTask<SessionRecord> GetAsync(SessionKey key, CancellationToken cancellationToken) =>
        _access.LeasedAsync(set => set.Store.GetAsync(key, cancellationToken));

    /// <exception cref="ProblemException">400 for an unknown cursor.</exception>
    public ValueTask<Page<SessionRecord>> ListAsync(SessionQuery query, CancellationToken cancellationToken) =>
        _access.LeasedAsync(async set =>
        {
            var page = await set.Store.FindSessionsAsync(query, cancellationToken);
            if (page.Items.Count == 0 && (query.After ?? query.Before) is { } cursor
                && await set.Store.FindAsync(new(query.Tenant, cursor), cancellationToken) is null)
            {
                throw ProblemException.UnknownCursor(query.After is null ? "before" : "after", cursor);
            }

            return page;
        });

    /// <summary>Applies RFC 7396 merge patches; null leaves a part as it is. Waits for a run in progress.</summary>
    /// <exception cref="ProblemException">404; 412 when <paramref name="ifVersion"/> is given and is not the version; 400; 413.</exception>
    public ValueTask<SessionRecord> PatchAsync(
        SessionKey key, JsonObject? metadata, JsonObject? state, long? ifVersion, CancellationToken cancellationToken) =>
        _access.InSessionAsync(key, set => _writer.PatchAsync(set, key, metadata, state, ifVersion, cancellationToken), cancellationToken);

    /// <summary>
    /// Deletes a session everywhere: cancels its runs and waits for them, then every plugin of every chain, then the store.
    /// </summary>
    /// <exception cref="ProblemException">404.</exception>
    public async ValueTask<IReadOnlyList<Removal>> DeleteAsync(SessionKey key, CancellationToken cancellationToken)
    {
        var running = _live.InSession(key).Where(r => !r.Completion.IsCompleted).ToList();
        // The first run of a session saves it when it ends: until then the run is all there is.
        if (running.Count == 0) await _access.LeasedAsync(set => CheckExistsAsync(set, key, cancellationToken));
        foreach (var run in running) run.Cancel();
        await Task.WhenAll(running.Select(r => r.Completion)).WaitAsync(cancellationToken);
        return await _access.InSessionAsync(
            key,
            async set =>
            {
                var removals = await _deletion.DeleteAsync(set, key);
                _live.Forget(key);
                return removals;
            },
            cancellationToken);
    }

    /// <summary>Lets a record pass that cannot be read: its session can still be deleted.</summary>
    private static async ValueTask<bool> CheckExistsAsync(ChainSet set, SessionKey key, CancellationToken cancellationToken)
    {
        try
        {
            return await set.Store.GetAsync(key, cancellationToken) is not null;
        }
        catch (SessionStoreException e) when (e.InnerException is StorageException)
        {
            return true;
        }
    }

    /// <summary>A new session with the history up to and including a run (all of it when null).</summary>
    /// <exception cref="ProblemException">404; 409 when <paramref name="newId"/> exists.</exception>
    public ValueTask<SessionRecord> ForkAsync(SessionKey source, string? newId, string? upToRun, CancellationToken cancellationToken)
    {
        // What is stored up to a run does not change, so the fork need not wait for the run in progress.
        return upToRun is null ? _access.InSessionAsync(source, ForkAsync, cancellationToken) : _access.LeasedAsync(ForkAsync);

        async ValueTask<SessionRecord> ForkAsync(ChainSet set)
        {
            var now = _caller.Time.GetUtcNow();
            var target = new SessionKey(source.Tenant, newId ?? IdGenerator.NewSession(now));
            await SessionWriter.CheckNewAsync(set, target, cancellationToken);
            // A run may be creating the target in this moment.
            return await _access.EnterAsync(
                set, target, () => _writer.ForkAsync(set, source, target, upToRun, TraceParentOf(source, upToRun), now, cancellationToken), cancellationToken);
        }
    }

    private string? TraceParentOf(SessionKey session, string? run) => run is null ? null : _live.Find(session, run)?.TraceParent;

    /// <summary>The snapshot document of a session.</summary>
    /// <exception cref="ProblemException">404.</exception>
    public ValueTask<JsonObject> ExportAsync(SessionKey key, bool messages, CancellationToken cancellationToken) =>
        _access.InSessionAsync(
            key,
            async set =>
            {
                var record = await set.Store.GetAsync(key, cancellationToken);
                var all = messages ? await HistoryReader.For(set, record, _caller).LoadAllAsync(key, null, cancellationToken) : null;
                return Snapshot.Write(record, all);
            },
            cancellationToken);

    /// <summary>Restores a session from a snapshot document.</summary>
    /// <exception cref="ProblemException">400 for a broken document or an unknown version; 409 when the id exists.</exception>
    public ValueTask<SessionRecord> ImportAsync(string tenant, JsonObject snapshot, CancellationToken cancellationToken) =>
        _access.LeasedAsync(set =>
        {
            var (record, messages) = Snapshot.Read(tenant, snapshot, _caller.Time.GetUtcNow(), set.Settings);
            CheckServiceId(record, set.Settings);
            return _access.EnterAsync(set, record.Key, () => _writer.CreateAsync(set, record, messages, cancellationToken), cancellationToken);
        });

    /// <summary>The service knows the host's key alone, so an id of another tenant would open that tenant's conversation.</summary>
    /// <exception cref="ProblemException">400: the host did not receive the id from the service itself.</exception>
    private static void CheckServiceId(SessionRecord record, SessionsConfiguration settings)
    {
        if (record.ServiceSessionId is null || settings.AcceptServiceSessionIds) return;
        throw ProblemException.Invalid(new ProblemError(
            "service_session_id",
            "names a session of the model's service, which the host would open with its own key",
            "null; an id where Sessions:AcceptServiceSessionIds is true"));
    }
}
