namespace PluginHost.Sqlite.Tests;

/// <summary>Messages and runs are found and erased wherever they are: in the places by owner, or in the lists of new ones.</summary>
public sealed class NewRowsTests : StoreTestBase
{
    private const int Count = 20, Turns = 50;

    private static readonly SessionKey[] Keys = [.. Enumerable.Range(0, Count).Select(i => new SessionKey("default", $"key-{i:00}"))];

    [Fact]
    public async Task Placed_and_new_rows_of_a_session_are_one_list()
    {
        var (history, sessions) = await FillAsync();
        await ExpectBothAsync(sessions);

        foreach (var key in new[] { Keys[0], Keys[^1] })
        {
            var expected = Enumerable.Range(0, Turns).Select(t => RunId(key, t)).ToList();
            var messages = expected.SelectMany(r => new[] { $"{r}.in", $"{r}.out" }).ToList();

            Assert.Equal(messages, await ReadAsync(history, key, ListOrder.Ascending));
            Assert.Equal(messages.AsEnumerable().Reverse(), await ReadAsync(history, key, ListOrder.Descending));
            Assert.Equal(expected, await ReadRunsAsync(sessions, key, ListOrder.Ascending));
            Assert.Equal(expected.AsEnumerable().Reverse(), await ReadRunsAsync(sessions, key, ListOrder.Descending));
        }
    }

    [Fact]
    public async Task A_deleted_session_leaves_nothing_in_either_list()
    {
        var (history, sessions) = await FillAsync();
        var key = Keys[7];

        Assert.Equal(1, await history.DeleteAsync(new HistoryDeletion { Session = key, MessageIds = [$"{RunId(key, Turns - 1)}.in"] }, None));
        Assert.Equal(1, await history.DeleteAsync(new HistoryDeletion { Session = key, MessageIds = [$"{RunId(key, 0)}.in"] }, None));
        Assert.Equal((2 * Turns) - 2, await history.DeleteAsync(new HistoryDeletion { Session = key }, None));
        Assert.Equal(Turns + 1, await sessions.DeleteAsync(key, None));

        Assert.Empty(await ReadAsync(history, key, ListOrder.Ascending));
        Assert.Empty(await ReadRunsAsync(sessions, key, ListOrder.Ascending));
        Assert.Equal(2 * Turns, (await ReadAsync(history, Keys[8], ListOrder.Ascending)).Count);
        Assert.False(Folder.Contains(key.Id), "A file still holds the session's id.");
        Assert.Equal(Count - 1, await NumberAsync(sessions, "SELECT count(DISTINCT owner) FROM (SELECT owner FROM run_places UNION SELECT owner FROM new_runs)"));
        // No place is left without its row, and no row without its place.
        Assert.Equal(0, await NumberAsync(sessions, "SELECT count(*) FROM message_places WHERE place NOT IN (SELECT id FROM messages)"));
        Assert.Equal((Count - 1) * Turns * 2, await NumberAsync(sessions, "SELECT count(*) FROM (SELECT place FROM message_places UNION SELECT place FROM new_messages)"));
    }

    [Fact]
    public async Task New_rows_are_found_after_a_restart_and_are_placed_later()
    {
        var (_, sessions) = await FillAsync();
        var before = await NumberAsync(sessions, "SELECT count(*) FROM new_runs");
        await CloseAsync();

        var (history, reopened) = (History(), Sessions());
        // The first commit of a process still finds them in the list, and then they are placed: otherwise each restart would leave more.
        Assert.Equal(before, await NumberAsync(reopened, "SELECT count(*) FROM new_runs"));
        Assert.Equal(0, await NumberAsync(reopened, "SELECT count(*) FROM new_runs"));
        Assert.Equal(2 * Turns, (await ReadAsync(history, Keys[3], ListOrder.Descending)).Count);
        await FillAsync(history, reopened, Turns, Turns);

        Assert.Equal(2L * Turns * Count, await NumberAsync(reopened, "SELECT (SELECT count(*) FROM new_runs) + (SELECT count(*) FROM run_places)"));
        Assert.Equal(4 * Turns, (await ReadAsync(history, Keys[3], ListOrder.Ascending)).Count);
    }

    [Fact]
    public async Task Lists_of_a_session_are_read_in_order_without_sorting()
    {
        var database = Sessions().Database.Open();

        foreach (var sql in new[] { HistoryReader.Descending, RunReader.BuildSql(new RunQuery { Tenant = "default", SessionId = "s1" }, ascending: false) })
        {
            var plan = await database.Readers.ReadAsync(
                static (connection, sql) =>
                {
                    var steps = new List<string>();
                    using var rows = connection.Query("EXPLAIN QUERY PLAN " + sql, 1L, 0L, 0L, 0L, 0L, 0L);
                    while (rows.Read()) steps.Add(rows.GetString(3));
                    return string.Join('\n', steps);
                },
                sql,
                None);

            Assert.Contains("MERGE (UNION ALL)", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("SCAN", plan, StringComparison.Ordinal);
        }
    }

    private static string RunId(SessionKey key, int turn) => $"{key.Id}-run-{turn:000}";

    private async Task<(SqliteHistory History, SqliteSessions Sessions)> FillAsync()
    {
        var (history, sessions) = (History(), Sessions());
        await FillAsync(history, sessions, 0, Turns);
        return (history, sessions);
    }

    /// <summary>All sessions take turns, and each turn of all of them may share a commit.</summary>
    private static async Task FillAsync(SqliteHistory history, SqliteSessions sessions, int first, int turns)
    {
        for (var turn = first; turn < first + turns; turn++)
        {
            await Task.WhenAll(Keys.Select(async key =>
            {
                var (run, previous) = (RunId(key, turn), turn == 0 ? null : await FindAsync(sessions, key));
                await sessions.SaveAsync(Save(key, turn + 1, previous, run, new CoveredAppend { History = history, Append = Run(run, key) }), None);
            }));
        }
    }

    private static async Task ExpectBothAsync(SqliteSessions sessions)
    {
        foreach (var table in new[] { "message_places", "new_messages", "run_places", "new_runs" })
            Assert.True(await NumberAsync(sessions, $"SELECT count(*) FROM {table}") > 0, $"{table} is empty.");
    }

    /// <summary>Reads pages of seven, so that one of them has rows of both lists.</summary>
    private static async Task<List<string>> ReadAsync(SqliteHistory history, SessionKey key, ListOrder order)
    {
        var found = new List<string>();
        for (var hasMore = true; hasMore;)
        {
            var query = new HistoryQuery { Session = key, Limit = 7, Order = order };
            if (found.Count > 0) query = order == ListOrder.Ascending ? query with { After = found[^1] } : query with { Before = found[^1] };
            var page = await history.LoadAsync(query, None);
            found.AddRange(page.Items.Select(m => m.Id));
            hasMore = page.HasMore;
        }

        return found;
    }

    private static async Task<List<string>> ReadRunsAsync(SqliteSessions sessions, SessionKey key, ListOrder order)
    {
        var found = new List<string>();
        for (var hasMore = true; hasMore;)
        {
            var page = await sessions.FindRunsAsync(
                new RunQuery { Tenant = key.Tenant, SessionId = key.Id, Limit = 7, Order = order, After = found.Count == 0 ? null : found[^1] }, None);
            found.AddRange(page.Items.Select(r => r.Id));
            hasMore = page.HasMore;
        }

        return found;
    }

    private static async Task<long> NumberAsync(SqliteSessions sessions, string sql)
    {
        long? number = null;
        await sessions.Database.Writer.WriteAsync(new ActionRequest(c => number = c.QueryNumber(sql)), None);
        return number!.Value;
    }
}
