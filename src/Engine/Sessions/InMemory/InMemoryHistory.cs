using System.Collections.Concurrent;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.InMemory;

/// <summary>A history that does not survive a restart: the default when an agent has none that loads. Thread-safe.</summary>
internal sealed class InMemoryHistory : IHistoryProvider
{
    private readonly ConcurrentDictionary<SessionKey, SessionMessages> _sessions = new();

    public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        if (!_sessions.TryGetValue(query.Session, out var session)) return new(new Page<HistoryMessage> { Items = [], HasMore = false });
        return new(PageBytes.Cut(session.Find(query), query));
    }

    public ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken)
    {
        _sessions.GetOrAdd(append.Session, static _ => new SessionMessages()).Append(append);
        return default;
    }

    public ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken)
    {
        if (deletion.MessageIds is null) return new(_sessions.TryRemove(deletion.Session, out var removed) ? removed.Count : 0);
        return new(_sessions.TryGetValue(deletion.Session, out var messages) ? messages.Remove(deletion.MessageIds) : 0);
    }
}
