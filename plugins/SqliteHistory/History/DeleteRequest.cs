namespace PluginHost.Sqlite;

/// <summary>Removes messages. SQLite clears what it frees (<c>secure_delete</c>), and <see cref="NativeFile"/> what it only leaves.</summary>
internal sealed class DeleteRequest(HistoryKey key, IReadOnlyList<string>? messageIds, WindowCache windows) : WriteRequest(full: true)
{
    private const string DeleteAll = "DELETE FROM messages WHERE id > $1 AND id < $2";

    // An append whose messages were all removed one by one is passed over: it names a history that never comes again.
    private const string DeleteAppends =
        """
        DELETE FROM appends WHERE history = $1 AND run IN (SELECT run FROM messages WHERE id > $2 AND id < $3 AND run IS NOT NULL)
        """;

    private const string DeleteHistory = "DELETE FROM histories WHERE id = $1";
    private const string DeleteOne = "DELETE FROM messages WHERE history = $1 AND message = $2";
    private const string KeepPlaces = "UPDATE histories SET first_free = $2 WHERE id = $1";

    public override bool Erases => true;

    /// <summary>How many messages were removed.</summary>
    public int Removed { get; private set; }

    public override void Write(PreparedConnection connection, HistoryHeads heads)
    {
        if (heads.Get(connection, key) is not { } head) return;
        if (messageIds is null) RemoveAll(connection, heads, head);
        else RemoveSome(connection, head, messageIds);
    }

    public override void Committed() => windows.Forget(key);

    private void RemoveAll(PreparedConnection connection, HistoryHeads heads, HistoryHead head)
    {
        var (first, last) = (Schema.FirstId(head.History), Schema.FirstId(head.History + 1));
        connection.Execute(DeleteAppends, head.History, first, last);
        Removed = connection.Execute(DeleteAll, first, last);
        connection.Execute(DeleteHistory, head.History);
        heads.Forget(key);
    }

    private void RemoveSome(PreparedConnection connection, HistoryHead head, IReadOnlyList<string> ids)
    {
        foreach (var id in ids) Removed += connection.Execute(DeleteOne, head.History, id);

        // Bounds of appends name places: the place of a removed message must not be given to another one.
        if (Removed > 0) connection.Execute(KeepPlaces, head.History, head.Next);
    }
}
