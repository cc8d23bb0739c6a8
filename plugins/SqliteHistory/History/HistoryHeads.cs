using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Identifies what one history holds of one session.</summary>
/// <param name="Source">The history's name in its chain.</param>
/// <param name="Session">The session.</param>
internal readonly record struct HistoryKey(string Source, SessionKey Session);

/// <summary>Where the next message of a history goes.</summary>
/// <param name="history">The row of the history.</param>
/// <param name="next">The next free place in it.</param>
internal sealed class HistoryHead(long history, long next)
{
    public long History { get; } = history;

    public long Next { get; set; } = next;

    public long NextId => Schema.FirstId(History) + Next;
}

/// <summary>
/// The writer's memory of where histories end, to spare a search per append. It may be forgotten at any time, and must be
/// when a change was rolled back. For the writer's thread only.
/// </summary>
internal sealed class HistoryHeads
{
    private const int Limit = 20_000;

    private const string Find =
        """
        SELECT id, max(first_free, coalesce((
            SELECT max(m.id) + 1 - (h.id << 32) FROM messages m WHERE m.id > h.id << 32 AND m.id < (h.id + 1) << 32), 1))
        FROM histories h WHERE tenant = $1 AND session = $2 AND source = $3
        """;

    private const string Insert = "INSERT INTO histories (tenant, session, source) VALUES ($1, $2, $3)";

    private readonly Dictionary<HistoryKey, HistoryHead> _heads = [];

    /// <returns>The head; null when the history is not there.</returns>
    public HistoryHead? Get(PreparedConnection connection, HistoryKey key)
    {
        if (_heads.TryGetValue(key, out var head)) return head;
        using var row = connection.Query(Find, key.Session.Tenant, key.Session.Id, key.Source);
        if (!row.Read()) return null;
        if (_heads.Count >= Limit) _heads.Clear();
        return _heads[key] = new HistoryHead(row.GetInt64(0), row.GetInt64(1));
    }

    public HistoryHead GetOrAdd(PreparedConnection connection, HistoryKey key)
    {
        if (Get(connection, key) is { } head) return head;
        connection.Execute(Insert, key.Session.Tenant, key.Session.Id, key.Source);
        return Get(connection, key)!;
    }

    public void Forget(HistoryKey key) => _heads.Remove(key);

    public void Clear() => _heads.Clear();
}
