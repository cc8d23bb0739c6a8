namespace PluginHost.Sqlite;

/// <summary>
/// Where the next messages go: a cache that saves searches. It may be cleared at any time, and must be cleared after a rollback. For the
/// writer's thread only.
/// </summary>
internal sealed class AppendPositions
{
    private const int Limit = 20_000;

    private const string Find = "SELECT id FROM histories WHERE tenant = $1 AND session = $2 AND source = $3";
    private const string Insert = "INSERT INTO histories (tenant, session, source) VALUES ($1, $2, $3) RETURNING id";
    private const string FindNext = "SELECT max((SELECT first_free FROM message_ids), coalesce((SELECT max(id) FROM messages), 0) + 1)";
    private const string Reserve = "UPDATE message_ids SET first_free = $1 WHERE first_free < $1";

    private readonly Dictionary<HistoryKey, long> _histories = [];
    private long? _next;

    /// <returns>The row id of a history; null when it does not exist.</returns>
    public long? Get(PreparedConnection connection, HistoryKey key)
    {
        if (_histories.TryGetValue(key, out var known)) return known;
        return connection.QueryNumber(Find, key.Session.Tenant, key.Session.Id, key.Source) is { } id ? Add(key, id) : null;
    }

    /// <returns>The row id of a history, which is created when it does not exist.</returns>
    public long GetOrAdd(PreparedConnection connection, HistoryKey key) =>
        Get(connection, key) ?? Add(key, connection.QueryNumber(Insert, key.Session.Tenant, key.Session.Id, key.Source)!.Value);

    /// <returns>The row id of the next message. It stays the same until it is taken.</returns>
    public long GetNextId(PreparedConnection connection) => _next ??= connection.QueryNumber(FindNext)!.Value;

    public void TakeNextId() => _next++;

    /// <summary>Keeps the ids of deleted messages from being used again: appends name their messages by id.</summary>
    public void ReserveIds(PreparedConnection connection) => connection.Execute(Reserve, GetNextId(connection));

    public void Remove(HistoryKey key) => _histories.Remove(key);

    public void Clear()
    {
        _histories.Clear();
        _next = null;
    }

    private long Add(HistoryKey key, long id)
    {
        if (_histories.Count >= Limit) _histories.Clear();
        return _histories[key] = id;
    }
}
