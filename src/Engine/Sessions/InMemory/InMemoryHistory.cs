using System.Runtime.InteropServices;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.InMemory;

/// <summary>A history that does not survive a restart: the default when an agent has none that loads. Thread-safe.</summary>
internal sealed class InMemoryHistory : IHistoryProvider
{
    private const int Shards = 64;

    // Dictionaries with a lock each: a concurrent one would have an object more for each session, which a collection moves.
    private readonly Shard[] _shards = [.. Enumerable.Range(0, Shards).Select(static _ => new Shard())];

    public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken)
    {
        if (ShardOf(query.Session).Find(query.Session) is not { } session) return new(new Page<HistoryMessage> { Items = [], HasMore = false });
        return new(PageBytes.Cut(session.Find(query), query));
    }

    public ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken)
    {
        ShardOf(append.Session).Append(append);
        return default;
    }

    public ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken)
    {
        var shard = ShardOf(deletion.Session);
        return new(deletion.MessageIds is null ? shard.Remove(deletion.Session) : shard.Find(deletion.Session)?.Remove(deletion.MessageIds) ?? 0);
    }

    private Shard ShardOf(SessionKey session) => _shards[(uint)session.GetHashCode() % Shards];

    /// <summary>A part of the sessions. Thread-safe.</summary>
    private sealed class Shard
    {
        private readonly Lock _lock = new();
        private readonly Dictionary<SessionKey, SessionMessages> _sessions = [];

        public SessionMessages? Find(SessionKey session)
        {
            lock (_lock) return _sessions.GetValueOrDefault(session);
        }

        public void Append(HistoryAppend append)
        {
            lock (_lock)
            {
                ref var session = ref CollectionsMarshal.GetValueRefOrAddDefault(_sessions, append.Session, out _);
                (session ??= new SessionMessages(_lock)).Append(append);
            }
        }

        /// <returns>How many messages it had.</returns>
        public int Remove(SessionKey session)
        {
            lock (_lock) return _sessions.Remove(session, out var removed) ? removed.Count : 0;
        }
    }
}
