namespace PluginHost.Sqlite;

/// <summary>
/// Deletes messages. SQLite overwrites freed cells (<c>secure_delete</c>); <see cref="NativeFile"/> clears the unused space of
/// pages.
/// </summary>
internal sealed class DeleteMessagesRequest(HistoryKey key, IReadOnlyList<string>? messageIds, WindowCache windows) : WriteRequest(survivesPowerLoss: true)
{
    private const string Ids = "(SELECT place FROM message_places WHERE owner = $1 UNION ALL SELECT place FROM new_messages WHERE owner = $1)";
    private const string DeleteAll = "DELETE FROM messages WHERE id IN " + Ids;

    // Appends whose messages were all deleted one by one remain, which is harmless: history ids are never reused.
    private const string DeleteAppends =
        "DELETE FROM appends WHERE history = $1 AND run IN (SELECT run FROM messages WHERE id IN " + Ids + " AND run IS NOT NULL)";

    private const string DeleteHistory = "DELETE FROM histories WHERE id = $1";
    private const string DeleteOne = "DELETE FROM messages WHERE history = $1 AND message = $2";

    public override bool ErasesContent => true;

    /// <summary>The number of deleted messages.</summary>
    public int Deleted { get; private set; }

    public override void Write(PreparedConnection connection, AppendPositions positions)
    {
        Deleted = 0;
        if (positions.Get(connection, key) is not { } history) return;
        positions.ReserveIds(connection);
        if (messageIds is null) DeleteWholeHistory(connection, positions, history);
        else Deleted = messageIds.Sum(id => connection.Execute(DeleteOne, history, id));
    }

    public override void OnCommitted() => windows.Remove(key);

    private void DeleteWholeHistory(PreparedConnection connection, AppendPositions positions, long history)
    {
        connection.Execute(DeleteAppends, history);
        Deleted = connection.Execute(DeleteAll, history);
        connection.Execute(DeleteHistory, history);
        positions.Remove(key);
    }
}
