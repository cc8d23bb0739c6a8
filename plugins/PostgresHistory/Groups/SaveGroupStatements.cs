using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>
/// The statements of saves of several sessions. The first writes take those whose session is this host's by their fence and has the expected version, or does not exist yet; the
/// others find their rows by the transaction, and write nothing of what they have refused.
/// </summary>
internal static class SaveGroupStatements
{
    /// <summary>The number of statements of a common group.</summary>
    public const int Count = 4;

    // Plans are kept: one with a scan of the whole table, made while the table is small, would be used when it is large. A lock that another transaction keeps must not
    // make all of a group wait.
    private const string Plan =
        "SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true), set_config('enable_seqscan', 'off', true), set_config('lock_timeout', '500', true)";

    private const string Claims =
        """
        c AS (
            SELECT q.number FROM q JOIN ~.claims c ON c.tenant = q.tenant AND c.session = q.session AND c.host = $1 AND c.fence = q.fence
            FOR SHARE OF c SKIP LOCKED)
        """;

    private const string NewSessions =
        $"""
        WITH q AS (SELECT * FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10) AS q(tenant, session, fence, created_at, version, updated_at, document, details, number)),
        {Claims},
        s AS (
            INSERT INTO ~.sessions (tenant, session, version, created_at, updated_at, document, details, runs)
            SELECT q.tenant, q.session, q.version, q.created_at, q.updated_at, q.document, q.details, 1 FROM q JOIN c ON c.number = q.number
            ON CONFLICT DO NOTHING
            RETURNING tenant, session)
        SELECT q.number FROM q JOIN s ON s.tenant = q.tenant AND s.session = q.session
        """;

    private const string Sessions =
        $"""
        WITH q AS (SELECT * FROM unnest($2, $3, $4, $5, $6, $7, $8, $9, $10) AS q(tenant, session, fence, expected, version, updated_at, document, details, number)),
        {Claims}
        UPDATE ~.sessions s SET version = q.version, updated_at = q.updated_at, document = q.document, details = coalesce(q.details, s.details), runs = s.runs + 1
        FROM q JOIN c ON c.number = q.number
        WHERE s.tenant = q.tenant AND s.session = q.session AND s.version = q.expected
        RETURNING q.number
        """;

    // The rows that the first writes of this transaction have changed.
    private const string IsTaken = "s.tenant = q.tenant AND s.session = q.session AND s.xmin = pg_current_xact_id()::xid";

    private const string Runs =
        $"""
        INSERT INTO ~.runs AS r (run, session, tenant, position, place, open, status, idempotency_key, created_at, trouble, document)
        SELECT q.run, s.id, q.tenant, s.runs - 1, s.runs - 1, false, q.status, q.key, q.created_at, q.trouble, q.document
        FROM unnest($1, $2, $3, $4, $5, $6, $7, $8) AS q(tenant, session, run, status, key, created_at, trouble, document) JOIN ~.sessions s ON {IsTaken}
        {RunStatements.EndAgain}
        """;

    private const string TakeKeys =
        $"""
        UPDATE ~.runs r SET idempotency_key = NULL
        FROM unnest($1, $2, $3, $4) AS q(tenant, session, run, key) JOIN ~.sessions s ON {IsTaken}
        WHERE r.tenant = q.tenant AND r.idempotency_key = q.key AND NOT (r.run = q.run AND r.session = s.id)
        """;

    private const string RemoveSteps =
        $"DELETE FROM ~.steps t USING unnest($1, $2, $3) AS q(tenant, session, run) JOIN ~.sessions s ON {IsTaken} WHERE t.run = q.run AND t.session = s.id";

    // As the append of one save.
    private const string Appends =
        $"""
        WITH q AS (
            SELECT q.* FROM unnest($1, $2, $3, $4, $5, $6, $7) WITH ORDINALITY AS q(tenant, session, source, count, run, step, outcome, number)
            JOIN ~.sessions s ON {IsTaken}),
        h AS (
            INSERT INTO ~.histories (tenant, session, source, next) SELECT tenant, session, source, count FROM q
            ON CONFLICT (tenant, session, source) DO UPDATE SET next = histories.next + excluded.next
            RETURNING id, tenant, session, source, next),
        x AS MATERIALIZED (
            SELECT q.number, q.run, q.step, q.outcome, h.id, h.next - q.count AS first, h.next - 1 AS last
            FROM q JOIN h ON h.session = q.session AND h.tenant = q.tenant AND h.source = q.source),
        a AS (
            INSERT INTO ~.appends (history, run, attempt, step, outcome, first, last)
            SELECT x.id, x.run, 1, x.step, x.outcome, x.first, x.last FROM x
            WHERE NOT EXISTS (SELECT 1 FROM ~.appends later WHERE later.history = x.id AND later.run = x.run AND later.attempt > 1)
            ON CONFLICT DO NOTHING
            RETURNING history)
        INSERT INTO ~.messages (history, position, message, outcome, document)
        SELECT x.id, x.first + m.place, m.id, x.outcome, m.document
        FROM a JOIN x ON x.id = a.history JOIN unnest($8, $9, $10, $11) AS m(number, place, id, document) ON m.number = x.number
        """;

    public static List<Statement> From(string hostId, IReadOnlyList<WaitingSave> saves)
    {
        var statements = new List<Statement> { new(Plan) };
        AddSessions(statements, hostId, saves, areNew: false);
        AddSessions(statements, hostId, saves, areNew: true);
        if (saves.Any(static s => s.Save.EndsRun)) AddRemoval(statements, [.. saves.Where(static s => s.Save.EndsRun)]);
        if (saves.Any(static s => s.IdempotencyKey is not null)) AddKeys(statements, [.. saves.Where(static s => s.IdempotencyKey is not null)]);
        statements.Add(new(
            Runs, All(saves, static s => s.Tenant), All(saves, static s => s.Session), All(saves, static s => s.RunId), All(saves, static s => (short)s.Run.Status),
            All(saves, static s => s.IdempotencyKey), All(saves, static s => s.Run.CreatedAt.UtcTicks), All(saves, static s => RunSearch.IsTrouble(s.Run)),
            All(saves, static s => s.RunDocument)));
        var appends = saves.SelectMany(static s => s.Appends.Select(a => (Save: s, a.Source, a.Append))).ToList();
        if (appends.Count == 0) return statements;
        var messages = appends.SelectMany(static (a, i) => a.Append.Ids.Select((_, place) => (Number: i + 1L, Place: (long)place, a.Append))).ToList();
        statements.Add(new(
            Appends, All(appends, static a => a.Save.Tenant), All(appends, static a => a.Save.Session), All(appends, static a => StoredText.ToBytes(a.Source)),
            All(appends, static a => (long)a.Append.Ids.Length), All(appends, static a => StoredText.ToBytes(a.Append.Append.RunId!)), All(appends, static a => a.Append.Append.Step),
            All(appends, static a => (short)a.Append.Append.Outcome), All(messages, static m => m.Number), All(messages, static m => m.Place),
            All(messages, static m => m.Append.Ids[m.Place]), All(messages, static m => m.Append.Documents[m.Place])));
        return statements;
    }

    private static void AddSessions(List<Statement> statements, string hostId, IReadOnlyList<WaitingSave> all, bool areNew)
    {
        var (saves, numbers) = (new List<WaitingSave>(all.Count), new List<long>(all.Count));
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i].IsNew != areNew) continue;
            saves.Add(all[i]);
            numbers.Add(i + 1L);
        }

        if (saves.Count == 0) return;
        statements.Add(new(
            areNew ? NewSessions : Sessions, hostId, All(saves, static s => s.Tenant), All(saves, static s => s.Session), All(saves, static s => s.Fence),
            All(saves, static s => s.IsNew ? s.Save.Session.CreatedAt.UtcTicks : s.Save.ExpectedVersion), All(saves, static s => s.Save.Session.Version),
            All(saves, static s => s.Save.Session.UpdatedAt.UtcTicks), All(saves, static s => s.Document), All(saves, static s => s.Details), numbers.ToArray()));
    }

    private static void AddRemoval(List<Statement> statements, WaitingSave[] saves) =>
        statements.Add(new(RemoveSteps, All(saves, static s => s.Tenant), All(saves, static s => s.Session), All(saves, static s => s.RunId)));

    private static void AddKeys(List<Statement> statements, WaitingSave[] saves) => statements.Add(
        new(TakeKeys, All(saves, static s => s.Tenant), All(saves, static s => s.Session), All(saves, static s => s.RunId), All(saves, static s => s.IdempotencyKey)));

    private static T[] All<TItem, T>(IReadOnlyList<TItem> items, Func<TItem, T> get)
    {
        var values = new T[items.Count];
        for (var i = 0; i < values.Length; i++) values[i] = get(items[i]);
        return values;
    }
}
