namespace PluginHost.Sqlite;

/// <summary>
/// Deletes messages. SQLite overwrites freed cells (<c>secure_delete</c>); <see cref="NativeFile"/> clears the unused space of
/// pages.
/// </summary>
internal sealed class DeleteMessagesRequest(HistoryKey key, IReadOnlyList<string>? messageIds, WindowCache windows) : WriteRequest(survivesPowerLoss: true)
{
    private const string DeleteAll = "DELETE FROM messages WHERE id > $1 AND id < $2";

    // Appends whose messages were all deleted one by one remain, which is harmless: history ids are never reused.
    private const string DeleteAppends =
        """
        DELETE FROM appends WHERE history = $1 AND run IN (SELECT run FROM messages WHERE id > $2 AND id < $3 AND run IS NOT NULL)
        """;

    private const string DeleteHistory = "DELETE FROM histories WHERE id = $1";
    private const string DeleteOne = "DELETE FROM messages WHERE history = $1 AND message = $2";
    private const string ReservePositions = "UPDATE histories SET first_free = $2 WHERE id = $1";

    public override bool ErasesContent => true;

    /// <summary>The number of deleted messages.</summary>
    public int Deleted { get; private set; }

    public override void Write(PreparedConnection connection, AppendPositions positions)
    {
        Deleted = 0;
        if (positions.Get(connection, key) is not { } position) return;
        if (messageIds is null) DeleteWholeHistory(connection, positions, position.History);
        else DeleteMessages(connection, position, messageIds);
    }

    public override void OnCommitted() => windows.Remove(key);

    private void DeleteWholeHistory(PreparedConnection connection, AppendPositions positions, long history)
    {
        var (first, last) = (Schema.FirstId(history), Schema.FirstId(history + 1));
        connection.Execute(DeleteAppends, history, first, last);
        Deleted = connection.Execute(DeleteAll, first, last);
        connection.Execute(DeleteHistory, history);
        positions.Remove(key);
    }

    private void DeleteMessages(PreparedConnection connection, AppendPosition position, IReadOnlyList<string> ids)
    {
        foreach (var id in ids) Deleted += connection.Execute(DeleteOne, position.History, id);

        // Appends refer to messages by position, so the position of a deleted message must not be reused.
        if (Deleted > 0) connection.Execute(ReservePositions, position.History, position.Next);
    }
}
