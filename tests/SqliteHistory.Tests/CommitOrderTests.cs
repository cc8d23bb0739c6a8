using System.Text;

namespace PluginHost.Sqlite.Tests;

/// <summary>Messages and runs are in the order of their commits, and sessions move in their index when it is read.</summary>
public sealed class CommitOrderTests : StoreTestBase
{
    [Fact]
    public async Task Rows_of_schema_5_come_before_later_ones_and_are_erased_with_them()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(DatabasePath)!);
        using (var old = new PreparedConnection(DatabasePath, readOnly: false, TimeSpan.Zero))
        {
            Schema.Migrate(old, DatabasePath, SchemaSteps.All.Take(5).ToList());
            InsertEarlier(old);
        }

        var (history, sessions) = (History(), Sessions());
        var first = await FindAsync(sessions, Session);
        await sessions.SaveAsync(Save(Session, 2, first, "r2", new CoveredAppend { History = history, Append = Run("r2") }), None);

        Assert.Equal("r1.in r1.out r2.in r2.out", await LoadAsync(history));
        Assert.Equal("r1.out r1.in", await LoadAsync(history, new HistoryQuery { Session = Session, Limit = 50, UpToRun = "r1", Order = ListOrder.Descending }));
        Assert.Equal("r2.in r2.out", await LoadAsync(history, new HistoryQuery { Session = Session, Limit = 50, After = "r1.out" }));
        var runs = await sessions.FindRunsAsync(new RunQuery { Tenant = "default", SessionId = "s1" }, None);
        Assert.Equal(["r1", "r2"], runs.Items.Select(r => r.Id));
        Assert.Equal("r2", Assert.Single((await sessions.FindRunsAsync(new RunQuery { Tenant = "default", SessionId = "s1", After = "r1" }, None)).Items).Id);

        File.Delete(Assert.Single(Directory.GetFiles(Path.GetDirectoryName(DatabasePath)!, "*.version-5-*")));
        // Indexes hold tenant, session and run beside each other.
        foreach (var text in new[] { "r1default", "defaults1" }) Assert.True(Folder.Contains(text));
        Assert.Equal(4, await history.DeleteAsync(new HistoryDeletion { Session = Session }, None));
        Assert.Equal(3, await sessions.DeleteAsync(Session, None));
        foreach (var text in new[] { "r1.in", "r1.out", "r2.in", "r2.out", "r1default", "defaults1" }) Assert.False(Folder.Contains(text), $"A file still holds '{text}'.");
    }

    [Fact]
    public async Task The_place_of_a_deleted_message_is_not_used_again()
    {
        var history = History();
        await history.AppendAsync(Run("r1"), None);
        await history.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = ["r1.out"] }, None);
        await CloseAsync();

        history = History();
        await history.AppendAsync(Run("r2"), None);

        Assert.Equal("r1.in", await LoadAsync(history, new HistoryQuery { Session = Session, Limit = 50, UpToRun = "r1" }));
        Assert.Equal("r1.in r2.in r2.out", await LoadAsync(history));
    }

    [Fact]
    public async Task A_later_attempt_removes_nothing_of_another_session()
    {
        var (history, other) = (History(), Session with { Id = "s2" });
        await history.AppendAsync(Run("r1", outcome: RunOutcome.Failed), None);
        await history.AppendAsync(Run("r2", other), None);

        await history.AppendAsync(Run("r1", attempt: 2), None);

        Assert.Equal("r1.in r1.out", await LoadAsync(history));
        Assert.Equal("r2.in r2.out", await LoadAsync(history, other));
    }

    [Fact]
    public async Task A_save_leaves_the_index_by_last_save_to_the_next_search_for_idle_sessions()
    {
        var sessions = Sessions();
        await SaveAtAsync(sessions, "s1", 1, 100);
        await SaveAtAsync(sessions, "s2", 1, 150);
        await SaveAtAsync(sessions, "s1", 2, 200);
        Assert.Equal(100, await IndexedAtAsync(sessions));

        Assert.Equal("s2", await FindIdleAsync(sessions, 160, limit: 1));
        Assert.Equal(200, await IndexedAtAsync(sessions));
        Assert.Equal("s2 s1", await FindIdleAsync(sessions, 201));
        Assert.Equal("s2", await FindIdleAsync(sessions, 200));
        await SaveAtAsync(sessions, "s1", 3, 300);
        Assert.Equal("s1", await FindIdleAsync(sessions, 301, after: "s2"));
    }

    [Fact]
    public async Task Thousands_of_sessions_that_were_saved_again_are_found_by_their_last_save()
    {
        var sessions = Sessions();
        for (var version = 1; version <= 2; version++)
        {
            var at = version * 10_000;
            await Task.WhenAll(Enumerable.Range(0, 1200).Select(i => SaveAtAsync(sessions, $"s{i:0000}", at > 10_000 ? 2 : 1, at - i)));
        }

        Assert.Equal("s1199 s1198 s1197", await FindIdleAsync(sessions, 30_000, limit: 3));
        Assert.Equal("", await FindIdleAsync(sessions, 15_000));
    }

    [Fact]
    public async Task The_session_that_was_saved_last_is_the_first_by_activity()
    {
        var sessions = Sessions();
        await SaveAtAsync(sessions, "s1", 1, 100);
        await SaveAtAsync(sessions, "s2", 1, 150);
        await SaveAtAsync(sessions, "s1", 2, 200);
        var query = new SessionQuery { Tenant = "default", IdleSince = DateTimeOffset.MaxValue, Order = ListOrder.Descending, Limit = 1 };

        var page = await sessions.FindSessionsAsync(query, None);

        Assert.Equal(("s1", true), (Assert.Single(page.Items).Key.Id, page.HasMore));
        page = await sessions.FindSessionsAsync(query with { After = "s1" }, None);
        Assert.Equal(("s2", false), (Assert.Single(page.Items).Key.Id, page.HasMore));
    }

    [Fact]
    public async Task A_session_is_found_by_its_last_save_after_the_clock_was_set_back()
    {
        var sessions = Sessions();
        await SaveAtAsync(sessions, "s1", 1, 500);
        await SaveAtAsync(sessions, "s1", 2, 200);

        Assert.Equal("s1", await FindIdleAsync(sessions, 300));
    }

    private static void InsertEarlier(PreparedConnection old)
    {
        old.Execute("INSERT INTO histories (id, tenant, session, source) VALUES (3, 'default', 's1', 'sqlite-history')");
        old.Execute("INSERT INTO appends VALUES (3, 'r1', 1, 0, 0, $1, $2)", Schema.FirstId(3) + 1, Schema.FirstId(3) + 2);
        var messages = Run("r1").Messages;
        for (var i = 0; i < 2; i++)
        {
            old.Execute(
                "INSERT INTO messages (id, history, message, part, run, outcome, created_at, json, form) VALUES ($1, 3, $2, $3, 'r1', 0, 0, $4, 2)",
                Schema.FirstId(3) + 1 + i, messages[i].Id, i, Encoding.UTF8.GetString(messages[i].ToDocument().Span));
        }

        var save = Save(Session, 1, run: "r1");
        old.Execute(
            "INSERT INTO sessions (id, tenant, session, version, created_at, updated_at, runs, document) VALUES (4, 'default', 's1', 1, 0, 0, 1, $1)",
            Encoding.UTF8.GetString(save.Session.ToDocument().Span));
        old.Execute(
            "INSERT INTO runs (id, tenant, session, run, json, output, form) VALUES ($1, 'default', 's1', 'r1', $2, '', 2)",
            Schema.FirstId(4) + 1, Encoding.UTF8.GetString(save.Run!.ToDocument().Span));
    }

    private static async Task<string> LoadAsync(SqliteHistory history, HistoryQuery query) =>
        string.Join(' ', (await history.LoadAsync(query, None)).Items.Select(m => m.Id));

    private static async Task SaveAtAsync(SqliteSessions sessions, string id, long version, long ticks)
    {
        var record = new SessionRecord { Key = new SessionKey("default", id), Version = version, CreatedAt = DateTimeOffset.UnixEpoch, UpdatedAt = new DateTimeOffset(ticks, TimeSpan.Zero) };
        await sessions.SaveAsync(new SessionSave { Session = record, ExpectedVersion = version - 1 }, None);
    }

    private static async Task<string> FindIdleAsync(SqliteSessions sessions, long since, int limit = 20, string? after = null)
    {
        var query = new SessionQuery { Tenant = "default", AllTenants = true, IdleSince = new DateTimeOffset(since, TimeSpan.Zero), Limit = limit, After = after };
        return string.Join(' ', (await sessions.FindSessionsAsync(query, None)).Items.Select(s => s.Key.Id));
    }

    private static async Task<long?> IndexedAtAsync(SqliteSessions sessions)
    {
        long? at = null;
        await sessions.Database.Writer.WriteAsync(new ActionRequest(c => at = c.QueryNumber("SELECT indexed_at FROM sessions WHERE session = 's1'")), None);
        return at;
    }
}
