namespace PluginHost.Postgres;

/// <summary>The statements of an append. The row of its history is locked first, so that appends come one after the other.</summary>
internal static class AppendStatements
{
    private const string FindOrAddHistory =
        """
        WITH h AS (
            INSERT INTO ~.histories (tenant, session, source, next) VALUES ($1, $2, $3, $4)
            ON CONFLICT (tenant, session, source) DO UPDATE SET next = histories.next + $4
            RETURNING id, next - $4 AS first),
        """;

    // Skips an append that is stored, and one of an earlier attempt than a stored one.
    private const string AppendOfRun = FindOrAddHistory +
        """
        a AS (
            INSERT INTO ~.appends (history, run, attempt, step, outcome, first, last)
            SELECT h.id, $5, $6, $7, $8, h.first, h.first + $4 - 1 FROM h
            WHERE NOT EXISTS (SELECT 1 FROM ~.appends later WHERE later.history = h.id AND later.run = $5 AND later.attempt > $6)
            ON CONFLICT DO NOTHING
            RETURNING history, first)
        INSERT INTO ~.messages (history, position, message, outcome, document)
        SELECT a.history, a.first + m.number - 1, m.id, $8, m.document FROM a, unnest($9, $10) WITH ORDINALITY AS m(id, document, number)
        """;

    private const string AppendOutsideRuns = FindOrAddHistory +
        """
        m AS (SELECT * FROM unnest($6, $7) WITH ORDINALITY AS m(id, document, number))
        INSERT INTO ~.messages (history, position, message, outcome, document)
        SELECT h.id, h.first + m.number - 1, m.id, $5, m.document FROM h, m
        ON CONFLICT (message, history) DO NOTHING
        """;

    // The last step of an attempt has its outcome.
    private const string RemoveIncompleteAttempts =
        $"""
        WITH gone AS (
            DELETE FROM ~.appends a WHERE a.history = {HistoryRow.Id} AND a.run = $4 AND a.attempt < $5
                AND (SELECT l.outcome FROM ~.appends l WHERE l.history = a.history AND l.run = a.run AND l.attempt = a.attempt ORDER BY l.step DESC LIMIT 1) <> 0
                AND NOT EXISTS (SELECT 1 FROM ~.appends o WHERE o.history = a.history AND o.run = a.run AND (o.attempt > $5 OR (o.attempt = $5 AND o.step = $6)))
            RETURNING a.history, a.first, a.last)
        DELETE FROM ~.messages m USING gone WHERE m.history = gone.history AND m.position BETWEEN gone.first AND gone.last
        """;

    // A repeated append finds them pinned, or deleted.
    private const string Pin =
        $"""
        INSERT INTO ~.pinned_messages (history, position)
        SELECT history, position FROM ~.messages WHERE history = {HistoryRow.Id} AND message = ANY($4)
        ON CONFLICT DO NOTHING
        """;

    public static IEnumerable<Statement> From(string source, PreparedAppend prepared)
    {
        if (prepared.Messages.Length == 0) yield break;
        foreach (var statement in Add(source, prepared)) yield return statement;
        var pinned = prepared.Append.Messages.Where(static m => m.IsPinned).Select(static m => m.Id).ToList();
        if (pinned.Count > 0) yield return new Statement(Pin, [.. HistoryRow.Key(source, prepared.Append.Session), StoredText.ToBytes(pinned)]);
    }

    private static IEnumerable<Statement> Add(string source, PreparedAppend prepared)
    {
        var (append, ids, documents) = (prepared.Append, prepared.Ids, prepared.Documents);
        object[] key = HistoryRow.Key(source, append.Session);
        var (count, outcome) = ((long)ids.Length, (short)append.Outcome);
        if (append.RunId is null)
        {
            yield return new Statement(AppendOutsideRuns, [.. key, count, outcome, ids, documents]);
            yield break;
        }

        var run = StoredText.ToBytes(append.RunId);
        if (append.Attempt > 1)
        {
            yield return new Statement(HistoryRow.Lock, key);
            yield return new Statement(RemoveIncompleteAttempts, [.. key, run, append.Attempt, append.Step]);
        }

        yield return new Statement(AppendOfRun, [.. key, count, run, append.Attempt, append.Step, outcome, ids, documents]);
    }
}
