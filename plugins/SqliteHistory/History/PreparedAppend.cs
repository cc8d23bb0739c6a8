using PluginHost.Sdk;

namespace PluginHost.Sqlite;

/// <summary>An append with its JSON, ready for the writer.</summary>
internal sealed class PreparedAppend
{
    // A later attempt that is there already wins over an earlier one that comes late.
    private const string InsertAppend =
        """
        INSERT INTO appends (history, run, attempt, step, outcome, first, last)
        SELECT $1, $2, $3, $4, $5, $6, $7
        WHERE NOT EXISTS (SELECT 1 FROM appends WHERE history = $1 AND run = $2 AND attempt > $3)
        ON CONFLICT DO NOTHING
        """;

    private const string FindEarlier =
        "SELECT attempt, step, outcome, first, last FROM appends WHERE history = $1 AND run = $2 AND attempt < $3 ORDER BY attempt, step DESC";

    private const string DeleteMessages = "DELETE FROM messages WHERE id BETWEEN $1 AND $2";

    private const string DeleteAppends = "DELETE FROM appends WHERE history = $1 AND run = $2 AND attempt = $3";

    private const string InsertMessage =
        """
        INSERT INTO messages (id, history, message, part, source, run, agent, outcome, error_type, created_at, json)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, CAST($11 AS TEXT))
        """;

    private const string InsertMessageUnlessThere = InsertMessage + " ON CONFLICT DO NOTHING";

    private readonly HistoryAppend _append;
    private readonly AppendFacts _facts;
    private readonly StoredMessage[] _messages;
    private readonly List<StoredMessage> _added;
    private bool _replaced;

    public PreparedAppend(HistoryKey key, HistoryAppend append)
    {
        Key = key;
        _append = append;
        _facts = new AppendFacts(append.RunId, append.Agent, append.Outcome, append.ErrorType, append.CreatedAt.ToUniversalTime());
        _messages = new StoredMessage[append.Messages.Count];
        for (var i = 0; i < _messages.Length; i++) _messages[i] = StoredMessage.From(append.Messages[i], _facts);
        _added = new List<StoredMessage>(_messages.Length);
    }

    public HistoryKey Key { get; }

    public void Write(PreparedConnection connection, HistoryHeads heads)
    {
        if (_messages.Length == 0) return;
        var head = heads.GetOrAdd(connection, Key);
        if (_append.RunId is not null && !Begin(connection, head)) return;
        foreach (var message in _messages)
        {
            if (!Insert(connection, head, message)) continue;
            head.Next++;
            _added.Add(message);
        }
    }

    public void Committed(WindowCache windows)
    {
        if (_replaced) windows.Forget(Key);
        else if (_added.Count > 0) windows.Append(Key, _facts.Outcome == RunOutcome.Failed ? [] : _added);
    }

    /// <returns>Whether the messages are still to be stored.</returns>
    private bool Begin(PreparedConnection connection, HistoryHead head)
    {
        var last = head.NextId + _messages.Length - 1;
        var isNew = connection.Execute(
            InsertAppend, head.History, _append.RunId, _append.Attempt, _append.Step, (int)_append.Outcome, head.NextId, last) == 1;
        if (isNew && _append.Attempt > 1) Replace(connection, head);
        return isNew;
    }

    /// <summary>Removes the attempts before this one that did not complete; an attempt ended as its last step did.</summary>
    private void Replace(PreparedConnection connection, HistoryHead head)
    {
        var removed = new List<(long Attempt, long First, long Last)>();
        using (var rows = connection.Query(FindEarlier, head.History, _append.RunId, _append.Attempt))
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
            connection.Execute(DeleteMessages, first, last);
            connection.Execute(DeleteAppends, head.History, _append.RunId, attempt);
        }

        _replaced = removed.Count > 0;
    }

    private bool Insert(PreparedConnection connection, HistoryHead head, StoredMessage message)
    {
        message.RowId = head.NextId;
        return connection.Execute(
            _append.RunId is null ? InsertMessageUnlessThere : InsertMessage,
            message.RowId, head.History, message.Id, (int)message.Part, message.Source, _facts.RunId, _facts.Agent,
            (int)_facts.Outcome, _facts.ErrorType, _facts.CreatedAt.Ticks, message.Json) == 1;
    }
}
