using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Admin;

/// <summary>Messages of sessions, and runs that are taken out.</summary>
internal sealed partial class SessionService
{
    /// <summary>The messages of a session from the history that holds it. The query needs a limit.</summary>
    /// <exception cref="ProblemException">404; 400 for an unknown cursor.</exception>
    public ValueTask<Page<HistoryMessage>> ListMessagesAsync(HistoryQuery query, CancellationToken cancellationToken) =>
        _access.LeasedAsync(async set =>
        {
            var record = await set.Store.GetAsync(query.Session, cancellationToken);
            var history = HistoryReader.For(set, record, _caller);
            var page = await history.LoadAsync(query, cancellationToken);
            if (page.Items.Count == 0 && (query.After ?? query.Before) is { } cursor && !await history.HasAsync(query, cursor, cancellationToken))
                throw ProblemException.UnknownCursor(CursorName(query), cursor);
            return page;
        });

    /// <summary>Adds messages to a session outside runs. Waits for a run in progress.</summary>
    /// <exception cref="ProblemException">404; 409 when a service keeps the session's messages.</exception>
    public ValueTask<SessionRecord> AppendAsync(SessionKey key, IReadOnlyList<HistoryMessage> messages, CancellationToken cancellationToken) =>
        _access.InSessionAsync(
            key,
            set =>
            {
                CheckSizes([.. messages.Select(m => m.Message)], set.Settings);
                return _messages.AppendAsync(set, key, messages, cancellationToken);
            },
            cancellationToken);

    /// <summary>Removes messages of a session from every history. Waits for a run in progress. The records of runs keep their outputs.</summary>
    /// <exception cref="ProblemException">404; 409 when a service keeps the session's messages.</exception>
    public ValueTask<SessionRecord> DeleteMessagesAsync(SessionKey key, IReadOnlyList<string> messageIds, CancellationToken cancellationToken) =>
        _access.InSessionAsync(
            key,
            async set =>
            {
                await _live.Explanations.ForgetContentAsync(key);
                return await _messages.DeleteAsync(set, key, messageIds, cancellationToken);
            },
            cancellationToken);

    /// <summary>
    /// Deletes a run: cancels it and waits for it, then removes its record. In a session that is there for its runs alone, the
    /// messages behind the last run that is left go as well, and the session with its last run.
    /// </summary>
    /// <exception cref="ProblemException">404.</exception>
    public async ValueTask DeleteRunAsync(SessionKey key, string runId, bool ofRunsAlone, CancellationToken cancellationToken)
    {
        if (_live.Find(key, runId) is { Completion.IsCompleted: false } running)
        {
            running.Cancel();
            await running.Completion.WaitAsync(cancellationToken);
        }

        await _access.InSessionAsync(
            key,
            async set =>
            {
                if (await _messages.DeleteRunAsync(set, key, runId, ofRunsAlone, cancellationToken)) await _deletion.DeleteAsync(set, key);
                _live.Forget(key, runId);
                return true;
            },
            cancellationToken);
    }

    /// <summary>All messages of a session up to and including a run (all of it when null), without those of failed runs.</summary>
    /// <exception cref="ProblemException">404; 409 when a service keeps the session's messages.</exception>
    public async ValueTask<IReadOnlyList<HistoryMessage>> ReadMessagesAsync(SessionKey key, string? upToRun, CancellationToken cancellationToken)
    {
        var all = new List<HistoryMessage>();
        await VisitMessagesAsync(key, upToRun, all.Add, cancellationToken);
        return all;
    }

    /// <summary>The same one by one, for work that needs no list of them.</summary>
    /// <exception cref="ProblemException">404; 409 when a service keeps the session's messages.</exception>
    public async ValueTask VisitMessagesAsync(SessionKey key, string? upToRun, Action<HistoryMessage> visit, CancellationToken cancellationToken) =>
        await _access.LeasedAsync(async set =>
        {
            var record = await set.Store.GetAsync(key, cancellationToken);
            MessageWriter.CheckStoredHere(record);
            await HistoryReader.For(set, record, _caller).VisitAsync(key, upToRun, visit, cancellationToken);
            return true;
        });

    /// <exception cref="ProblemException">A message is too large.</exception>
    private static void CheckSizes(IReadOnlyList<ChatMessage> messages, SessionsConfiguration settings)
    {
        var errors = messages.Select((m, i) => MessageSize.Check(m, $"messages[{i}].content", settings)).OfType<ProblemError>().ToList();
        if (errors.Count > 0) throw ProblemException.Invalid(errors);
    }

    /// <summary>Callers name places in the list as it is ordered; a history's cursors are older and newer.</summary>
    private static string CursorName(HistoryQuery query) =>
        (query.After is not null) == (query.Order == ListOrder.Ascending) ? "after" : "before";

    /// <summary>The part of a message that is added outside runs.</summary>
    public static MessageOrigin PartOf(ChatMessage message) =>
        message.Role == ChatRole.Assistant || message.Role == ChatRole.Tool ? MessageOrigin.Output : MessageOrigin.Input;
}
