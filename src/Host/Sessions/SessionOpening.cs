using Microsoft.Extensions.AI;
using PluginHost.Pipeline;
using PluginHost.Sdk;

namespace PluginHost.Sessions;

/// <summary>A session that a run may go on with.</summary>
/// <param name="Record">The stored record; null when the session is new.</param>
/// <param name="Session">What the chain sees.</param>
/// <param name="Input">What is new in the caller's input.</param>
/// <param name="Seen">What the caller has seen before that.</param>
/// <param name="OpenServiceCalls">Calls of the caller's tools whose results the service waits for.</param>
internal sealed record OpenedSession(
    SessionRecord? Record, Session Session, IReadOnlyList<ChatMessage> Input, SeenTranscript Seen, IReadOnlyList<string> OpenServiceCalls);

/// <summary>Loads a run's session and refuses what would break it. Stateless.</summary>
internal sealed class SessionOpening(PluginCalls calls)
{
    /// <exception cref="ProblemException">The run may not go on; nothing was changed.</exception>
    public async ValueTask<OpenedSession> OpenAsync(RunStart start, ChainSet set, ObservedRun? observed, CancellationToken cancellationToken)
    {
        var key = start.Handle.Record.Session;
        var record = await LoadAsync(set.Store, key, observed, cancellationToken);
        if (record is null && !start.Command.CreateSession) throw ProblemException.SessionNotFound(key.Id);
        if (record is not null)
        {
            CheckService(record, start.Chain);
            CheckHistory(record, start.Chain);
        }

        var (input, seen) = ResentTranscript.FindNew(start.Command.Input, record?.Transcript);
        var open = await OpenCallsAsync(set.Store, record, input, cancellationToken);
        return new OpenedSession(record, View(key, record), input, seen, record?.ServiceSessionId is null ? [] : open);
    }

    private async ValueTask<SessionRecord?> LoadAsync(
        ISessionStore store, SessionKey key, ObservedRun? observed, CancellationToken cancellationToken)
    {
        if (observed is null) return await Records.FindAsync(store, key, cancellationToken);
        var operation = new ObservedOperation(HostOperation.SessionLoad) { Run = observed };
        var token = calls.Observer.Begin(operation);
        try
        {
            var record = await Records.FindAsync(store, key, cancellationToken);
            calls.Observer.End(token, operation, new ObservedEnd { Restored = record is not null });
            return record;
        }
        catch (Exception e)
        {
            calls.Observer.End(token, operation, PluginCalls.Failure(e));
            throw;
        }
    }

    private Session View(SessionKey key, SessionRecord? record) => record is null
        ? new Session(key) { IsNew = true, CreatedAt = calls.Time.GetUtcNow() }
        : new Session(key, record.State)
        {
            IsNew = record.LastRunId is null,
            CreatedAt = record.CreatedAt,
            ServiceSessionId = record.ServiceSessionId,
            Metadata = record.Metadata,
        };

    private static void CheckService(SessionRecord record, Chain chain)
    {
        if (record.ServiceSessionId is null) return;
        var client = chain.Agent.Model.Client;
        if (chain.Agent.UseServiceSession && (record.ServiceClient ?? client) == client) return;
        throw new ProblemException(
            409,
            "service-session-mismatch",
            $"The history of session '{record.Key.Id}' is kept by the service behind '{record.ServiceClient}', which agent '{chain.Agent.Name}' does not use. Run an agent with that client, or begin a new session.");
    }

    private static void CheckHistory(SessionRecord record, Chain chain)
    {
        if (record.ServiceSessionId is not null || record.History is null || record.History == chain.LoadingHistory.SourceId) return;
        throw new ProblemException(
            409,
            "history-changed",
            $"The messages of session '{record.Key.Id}' are in the history '{record.History}', but agent '{chain.Agent.Name}' loads from '{chain.LoadingHistory.SourceId}' and would see none of them. Put '{record.History}' back into its chain, or begin a new session.");
    }

    /// <summary>The calls that the session's last answer left to the caller; looked up only when somebody asks for them.</summary>
    private static async ValueTask<IReadOnlyList<string>> OpenCallsAsync(
        ISessionStore store, SessionRecord? record, IReadOnlyList<ChatMessage> input, CancellationToken cancellationToken)
    {
        var hasResults = input.Any(m => m.Contents.Any(c => c is FunctionResultContent));
        if (!hasResults && record?.ServiceSessionId is null) return [];
        var open = record?.LastRunId is null ? [] : OpenCalls.In(await LastOutputAsync(store, record, cancellationToken));
        if (hasResults) CommandChecks.CheckToolResults(input, open);
        return open;
    }

    /// <summary>What the last run that did not fail put out: failed ones have changed nothing.</summary>
    private static async ValueTask<IReadOnlyList<ChatMessage>> LastOutputAsync(
        ISessionStore store, SessionRecord record, CancellationToken cancellationToken)
    {
        var query = new RunQuery(record.Key.Tenant) { SessionId = record.Key.Id, Limit = 20, Order = ListOrder.Descending };
        while (true)
        {
            var page = await store.FindRunsAsync(query, cancellationToken);
            if (page.Items.FirstOrDefault(r => r.Status != RunStatus.Failed) is { } run) return run.Output;
            if (!page.HasMore) return [];
            query = query with { After = page.Items[^1].Id };
        }
    }
}
