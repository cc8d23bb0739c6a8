using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>An append with its documents, ready for the writer.</summary>
internal sealed class PreparedAppend
{
    // Skip an append when a later attempt of the run is stored.
    private const string InsertAppend =
        """
        INSERT INTO appends (history, run, attempt, step, outcome, first, last)
        SELECT $1, $2, $3, $4, $5, $6, $7
        WHERE NOT EXISTS (SELECT 1 FROM appends WHERE history = $1 AND run = $2 AND attempt > $3)
        ON CONFLICT DO NOTHING
        """;

    private const string FindEarlier =
        "SELECT attempt, step, outcome, first, last FROM appends WHERE history = $1 AND run = $2 AND attempt < $3 ORDER BY attempt, step DESC";

    private const string DeleteMessages = "DELETE FROM messages WHERE id BETWEEN $1 AND $2 AND history = $3";

    private const string DeleteAppends = "DELETE FROM appends WHERE history = $1 AND run = $2 AND attempt = $3";

    private const string InsertMessage =
        """
        INSERT INTO messages (id, history, message, part, run, outcome, created_at, json, form, pinned)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 2, $9)
        """;

    private const string InsertMessageUnlessDuplicate = InsertMessage + " ON CONFLICT DO NOTHING";

    private readonly HistoryAppend _append;
    private readonly StoredMessage[] _messages;
    private readonly List<StoredMessage> _added;
    private bool _replaced;

    public PreparedAppend(HistoryKey key, HistoryAppend append)
    {
        Key = key;
        _append = append;
        _messages = new StoredMessage[append.Messages.Count];
        for (var i = 0; i < _messages.Length; i++) _messages[i] = StoredMessage.From(append.Messages[i]);
        _added = new List<StoredMessage>(_messages.Length);
    }

    public HistoryKey Key { get; }

    public void Write(PreparedConnection connection, AppendPositions positions)
    {
        if (_messages.Length == 0) return;
        _added.Clear();
        var history = positions.GetOrAdd(connection, Key);
        if (_append.RunId is not null && !TryAddAttempt(connection, history, positions.GetNextId(connection))) return;
        for (var i = 0; i < _messages.Length; i++)
        {
            _messages[i].RowId = positions.GetNextId(connection);
            if (!TryInsert(connection, history, _append.Messages[i], _messages[i])) continue;
            positions.TakeNextId();
            _added.Add(_messages[i]);
        }
    }

    /// <summary>Updates the cached window after the commit.</summary>
    public void UpdateCache(WindowCache windows)
    {
        if (_replaced) windows.Remove(Key);
        else if (_added.Count > 0) windows.Append(Key, _append.Outcome == RunOutcome.Failed ? [] : _added);
    }

    /// <returns>False when the append is a duplicate or a later attempt is stored.</returns>
    private bool TryAddAttempt(PreparedConnection connection, long history, long first)
    {
        var last = first + _messages.Length - 1;
        var isNew = connection.Execute(InsertAppend, history, _append.RunId, _append.Attempt, _append.Step, (int)_append.Outcome, first, last) == 1;
        if (isNew && _append.Attempt > 1) RemoveIncompleteAttempts(connection, history);
        return isNew;
    }

    /// <summary>Removes earlier attempts that did not complete. The last step of an attempt has its outcome.</summary>
    private void RemoveIncompleteAttempts(PreparedConnection connection, long history)
    {
        var removed = new List<(long Attempt, long First, long Last)>();
        using (var rows = connection.Query(FindEarlier, history, _append.RunId, _append.Attempt))
        {
            var (attempt, outcome) = (-1L, RunOutcome.Completed);
            while (rows.Read())
            {
                if (rows.GetInt64(0) != attempt) (attempt, outcome) = (rows.GetInt64(0), (RunOutcome)rows.GetInt32(2));
                if (outcome != RunOutcome.Completed) removed.Add((attempt, rows.GetInt64(3), rows.GetInt64(4)));
            }
        }

        foreach (var (attempt, first, last) in removed)
        {
            connection.Execute(DeleteMessages, first, last, history);
            connection.Execute(DeleteAppends, history, _append.RunId, attempt);
        }

        _replaced = removed.Count > 0;
    }

    private bool TryInsert(PreparedConnection connection, long history, HistoryMessage message, StoredMessage stored) =>
        connection.Execute(
            _append.RunId is null ? InsertMessageUnlessDuplicate : InsertMessage,
            stored.RowId, history, message.Id, (int)message.Origin, _append.RunId, (int)_append.Outcome, _append.CreatedAt.UtcTicks,
            SqlValue.FromUtf8(stored.Document), stored.IsPinned ? 1 : 0) == 1;
}
