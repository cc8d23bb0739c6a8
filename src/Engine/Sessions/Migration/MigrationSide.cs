using System.Runtime.CompilerServices;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Sessions.Admin;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Migration;

/// <summary>The stores of one of the two configurations, and how everything in them is read. Thread-safe.</summary>
internal sealed class MigrationSide
{
    private const int SessionsPerPage = 100, ItemsPerPage = 500;

    private readonly PluginCaller _caller;

    /// <param name="option">The option that names the configuration, for messages.</param>
    /// <param name="plugins">The session store and the histories of the configuration, started.</param>
    /// <param name="caller">Calls them.</param>
    /// <exception cref="MigrationException">Sessions are kept in memory.</exception>
    public MigrationSide(string option, IReadOnlyList<PluginInstance> plugins, PluginCaller caller)
    {
        var store = plugins.FirstOrDefault(p => p.SessionStore is not null && p.Agent is null)
            ?? throw new MigrationException($"The configuration of {option} keeps sessions in memory (Sessions:Store).");
        (Option, Plugins, _caller, Store) = (option, plugins, caller, new SessionStoreClient(store, caller));
    }

    public string Option { get; }

    public IReadOnlyList<PluginInstance> Plugins { get; }

    public SessionStoreClient Store { get; }

    public TimeProvider Time => _caller.Time;

    /// <summary>All sessions of all tenants, by creation.</summary>
    public async IAsyncEnumerable<SessionRecord> ReadSessionsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new SessionQuery { Tenant = "", AllTenants = true, Limit = SessionsPerPage };
        while (true)
        {
            var page = await Store.FindSessionsAsync(query, cancellationToken);
            foreach (var record in page.Items) yield return record;
            if (!page.HasMore || page.Items.Count == 0) yield break;
            query = query with { Tenant = page.Items[^1].Key.Tenant, After = page.Items[^1].Key.Id };
        }
    }

    /// <summary>All runs of a session: those that have ended by their first save, then the open ones.</summary>
    public async IAsyncEnumerable<RunRecord> ReadRunsAsync(SessionKey session, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new RunQuery { Tenant = session.Tenant, SessionId = session.Id, Limit = ItemsPerPage, MaxBytes = PageBytes.Max };
        while (true)
        {
            var page = await Store.FindRunsAsync(query, cancellationToken);
            foreach (var run in page.Items) yield return run;
            if (!page.HasMore || page.Items.Count == 0) yield break;
            query = query with { After = page.Items[^1].Id };
        }
    }

    /// <summary>All messages that a history has of a session, with those of failed runs.</summary>
    public async IAsyncEnumerable<HistoryMessage> ReadMessagesAsync(
        PluginInstance history, SessionKey session, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = new HistoryReader(history, _caller);
        var query = new HistoryQuery { Session = session, Limit = ItemsPerPage, IncludeFailed = true };
        while (true)
        {
            var page = await reader.LoadAsync(query, cancellationToken);
            foreach (var message in page.Items) yield return message;
            if (!page.HasMore || page.Items.Count == 0) yield break;
            query = query with { After = page.Items[^1].Id };
        }
    }

    public async ValueTask<bool> HasMessagesAsync(PluginInstance history, SessionKey session, CancellationToken cancellationToken)
    {
        var query = new HistoryQuery { Session = session, Limit = 1, IncludeFailed = true };
        return (await new HistoryReader(history, _caller).LoadAsync(query, cancellationToken)).Items.Count > 0;
    }

    public ValueTask AppendAsync(PluginInstance history, HistoryAppend append, CancellationToken cancellationToken) =>
        _caller.AppendAsync(new PluginCall(history, HostOperation.HistoryAppend) { Session = append.Session }, append, cancellationToken);

    /// <summary>Removes a session from histories and store. The record goes last, so that an interrupted removal is repeated.</summary>
    public async ValueTask RemoveAsync(IEnumerable<PluginInstance> histories, SessionKey session)
    {
        foreach (var history in histories)
            await _caller.DeleteAsync(new PluginCall(history, HostOperation.HistoryDelete) { Session = session }, new HistoryDeletion { Session = session });
        await Store.DeleteAsync(session);
    }
}
