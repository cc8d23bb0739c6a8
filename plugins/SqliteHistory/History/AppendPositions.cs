using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>Identifies the history of one session in one history provider instance.</summary>
/// <param name="Source">The instance's name in its chain.</param>
/// <param name="Session">The session.</param>
internal readonly record struct HistoryKey(string Source, SessionKey Session);

/// <summary>The position of the next message of a history.</summary>
/// <param name="history">The row id of the history.</param>
/// <param name="next">The next free position.</param>
internal sealed class AppendPosition(long history, long next)
{
    public long History { get; } = history;

    public long Next { get; set; } = next;

    public long NextId => Schema.FirstId(History) + Next;
}

/// <summary>
/// A cache of append positions that saves a search per append. It may be cleared at any time, and must be cleared after a
/// rollback. For the writer's thread only.
/// </summary>
internal sealed class AppendPositions
{
    private const int Limit = 20_000;

    private const string Find =
        """
        SELECT id, max(first_free, coalesce((
            SELECT max(m.id) + 1 - (h.id << 32) FROM messages m WHERE m.id > h.id << 32 AND m.id < (h.id + 1) << 32), 1))
        FROM histories h WHERE tenant = $1 AND session = $2 AND source = $3
        """;

    private const string Insert = "INSERT INTO histories (tenant, session, source) VALUES ($1, $2, $3)";

    private readonly Dictionary<HistoryKey, AppendPosition> _positions = [];

    /// <returns>The position; null when the history does not exist.</returns>
    public AppendPosition? Get(PreparedConnection connection, HistoryKey key)
    {
        if (_positions.TryGetValue(key, out var position)) return position;
        using var row = connection.Query(Find, key.Session.Tenant, key.Session.Id, key.Source);
        if (!row.Read()) return null;
        if (_positions.Count >= Limit) _positions.Clear();
        return _positions[key] = new AppendPosition(row.GetInt64(0), row.GetInt64(1));
    }

    public AppendPosition GetOrAdd(PreparedConnection connection, HistoryKey key)
    {
        if (Get(connection, key) is { } position) return position;
        connection.Execute(Insert, key.Session.Tenant, key.Session.Id, key.Source);
        return Get(connection, key)!;
    }

    public void Remove(HistoryKey key) => _positions.Remove(key);

    public void Clear() => _positions.Clear();
}
