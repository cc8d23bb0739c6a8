using System.Text;

namespace PluginHost.Sqlite.Tests;

public sealed class JournalTests : StoreTestBase
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task An_open_run_its_session_and_its_steps_survive_a_crash()
    {
        var sessions = Sessions();
        await sessions.WriteAsync(Open("r1") with { NewSession = Record(), Steps = [Step("a"), Step("b")] }, None);
        await sessions.WriteAsync(new JournalWrite { Session = Session, RunId = "r1", FirstStep = 2, Steps = [Step("c"), Step("d")] }, None);
        await sessions.WriteAsync(new JournalWrite { Session = Session, RunId = "r1", FirstStep = 3, Steps = [Step("D")] }, None);
        var copy = Path.Combine(Folder.Store, "crashed");
        Directory.CreateDirectory(copy);
        foreach (var file in new[] { "sessions.db", "sessions.db-wal" }) File.Copy(Path.Combine(Folder.Store, "data", file), Path.Combine(copy, file));

        var after = new SqliteSessions(new SqliteHistoryOptions(Path.Combine(copy, "sessions.db")), Context());

        Assert.Equal("0a 1b 2c 3D", await StepsAsync(after, "r1"));
        Assert.Equal("1b 2c", await StepsAsync(after, "r1", first: 1, limit: 2));
        Assert.Equal("", await StepsAsync(after, "unknown"));
        Assert.Equal(1, (await FindAsync(after, Session))!.Version);
        Assert.Equal(RunStatus.Running, Assert.Single((await after.FindRunsAsync(new RunQuery { Tenant = "default", RunId = "r1" }, None)).Items).Status);
    }

    [Fact]
    public async Task The_journal_of_a_run_without_tools_costs_few_statements()
    {
        var sessions = Sessions();
        await SaveRunsAsync(sessions, "r1");
        var record = await FindAsync(sessions, Session);
        var writer = sessions.Database.Writer;

        var before = writer.Counts.Statements;
        await sessions.WriteAsync(Open("r2") with { Steps = [Step("a"), Step("b")] }, None);
        var begun = writer.Counts.Statements;
        await sessions.SaveAsync(Save(Session, 2, record, "r2") with { EndsRun = true }, None);

        // The session, the run, two steps, and the two of a transaction. Then the session, the run in progress, its steps, the run, and the same two.
        Assert.InRange(begun - before, 1, 6);
        Assert.InRange(writer.Counts.Statements - begun, 1, 6);
        Assert.Equal("", await StepsAsync(sessions, "r2"));
    }

    [Fact]
    public async Task A_save_that_ends_a_run_removes_it_from_the_journal_and_keeps_the_others()
    {
        var sessions = Sessions();
        await sessions.WriteAsync(Open("r1") with { NewSession = Record(), Steps = [Step("a")] }, None);
        await sessions.WriteAsync(Open("r2") with { Steps = [Step("b")] }, None);
        var first = await FindAsync(sessions, Session);

        await sessions.SaveAsync(Save(Session, 2, first, "r1") with { EndsRun = true }, None);

        Assert.Equal("r1 r2", await RunsAsync(sessions, new RunQuery { Tenant = "default", SessionId = "s1" }));
        Assert.Equal("r2", Ids(await sessions.FindOpenRunsAsync(new OpenRunQuery(), None)));
        Assert.Equal("", await StepsAsync(sessions, "r1"));
        Assert.Equal("0b", await StepsAsync(sessions, "r2"));
        await Assert.ThrowsAsync<SqliteStoreException>(() => sessions.WriteAsync(new JournalWrite { Session = Session, RunId = "r1", Steps = [Step("late")] }, None).AsTask());
        await sessions.Database.Writer.WriteAsync(new ActionRequest(c => Assert.Equal(1, c.QueryNumber("SELECT count(*) FROM steps"))), None);
    }

    [Fact]
    public async Task Lists_have_open_runs_after_those_that_ended_and_pages_neither_skip_nor_repeat_one()
    {
        var sessions = Sessions();
        await SaveRunsAsync(sessions, "r1", "r2");
        foreach (var run in new[] { Open("o3", seconds: 9), Open("o1"), Open("o2") }) await sessions.WriteAsync(run, None);
        // The second attempt of a run that failed is open, and hides the first.
        await sessions.WriteAsync(Open("r2", seconds: 5), None);
        var query = new RunQuery { Tenant = "default", SessionId = "s1" };

        Assert.Equal("r1 o1 o2 r2 o3", await RunsAsync(sessions, query));
        Assert.Equal("o3 r2 o2 o1 r1", await RunsAsync(sessions, query with { Order = ListOrder.Descending }));
        Assert.Equal("o2 r2 o3", await RunsAsync(sessions, query with { After = "o1" }));
        Assert.Equal("o1 o2", await RunsAsync(sessions, query with { After = "r1", Limit = 2 }));
        Assert.Equal("r1 o1", await RunsAsync(sessions, query with { Before = "o2" }));
        Assert.Equal("o1", await RunsAsync(sessions, query with { Before = "o2", Limit = 1 }));
        Assert.Equal("o1 r1", await RunsAsync(sessions, query with { After = "o2", Order = ListOrder.Descending }));
        Assert.Equal("", await RunsAsync(sessions, query with { Before = "r1" }));
        Assert.Equal("", await RunsAsync(sessions, query with { After = "unknown" }));
        Assert.Equal("o3 r2 o2 o1", await SearchAsync(sessions, new RunSearch { Status = RunStatus.Running, Tenant = "default" }));
    }

    [Fact]
    public async Task Open_runs_are_found_by_status_tenant_place_and_key()
    {
        var sessions = Sessions();
        var foreign = new SessionKey("other", "s1");
        await sessions.WriteAsync(Open("r1", status: RunStatus.Queued) with { NewSession = Record() }, None);
        await sessions.WriteAsync(Open("r2", seconds: 1, status: RunStatus.RequiresAction), None);
        await sessions.WriteAsync(Open("r3", foreign, 2) with { NewSession = Record() with { Key = foreign } }, None);
        await sessions.WriteAsync(Open("r4", seconds: 3, status: RunStatus.RequiresAction, key: "k"), None);

        Assert.Equal("r1 r2 r3 r4", Ids(await sessions.FindOpenRunsAsync(new OpenRunQuery(), None)));
        Assert.Equal("r1 r2 r4", Ids(await sessions.FindOpenRunsAsync(new OpenRunQuery { Tenant = "default" }, None)));
        Assert.Equal("r2 r4", Ids(await sessions.FindOpenRunsAsync(new OpenRunQuery { Status = RunStatus.RequiresAction }, None)));
        var page = await sessions.FindOpenRunsAsync(new OpenRunQuery { Limit = 2 }, None);
        Assert.Equal(("r1 r2", true), (Ids(page), page.HasMore));
        Assert.Equal("r3 r4", Ids(await sessions.FindOpenRunsAsync(new OpenRunQuery { After = RunPlace.From(page.Items[^1]) }, None)));
        Assert.Equal("r4", await RunsAsync(sessions, new RunQuery { Tenant = "default", IdempotencyKey = "k" }));
        Assert.Equal("", await RunsAsync(sessions, new RunQuery { Tenant = "other", IdempotencyKey = "k" }));
        Assert.Equal("r4 r3 r2 r1", await SearchAsync(sessions, new RunSearch()));
        Assert.Equal("r3", await SearchAsync(sessions, new RunSearch { Tenant = "other" }));

        await sessions.WriteAsync(Open("r1", key: "k"), None);
        Assert.Equal("r1", await RunsAsync(sessions, new RunQuery { Tenant = "default", IdempotencyKey = "k" }));
    }

    [Fact]
    public async Task A_new_session_that_exists_is_a_conflict_and_changes_nothing()
    {
        var sessions = Sessions();
        await SaveRunsAsync(sessions, "r1");

        await Assert.ThrowsAsync<SessionConflictException>(() => sessions.WriteAsync(Open("r2") with { NewSession = Record() }, None).AsTask());

        Assert.Equal("r1", await RunsAsync(sessions, new RunQuery { Tenant = "default", SessionId = "s1" }));
        await Assert.ThrowsAsync<SqliteStoreException>(() => sessions.WriteAsync(Open("r2", Session with { Id = "unknown" }), None).AsTask());
    }

    [Fact]
    public async Task No_byte_of_an_open_run_remains_after_its_session_was_deleted()
    {
        var sessions = Sessions();
        await sessions.WriteAsync(Open("r1", key: "secret-key") with { NewSession = Record(), Steps = [.. Enumerable.Range(0, 20).Select(i => Step(new string('x', 500 * i) + "secret-step"))] }, None);
        await sessions.WriteAsync(Open("r2") with { Steps = [Step("secret-step")] }, None);
        Assert.True(Folder.Contains("secret-step"));

        Assert.Equal(3, await sessions.DeleteAsync(Session, None));

        Assert.False(Folder.Contains("secret-step"));
        Assert.False(Folder.Contains("secret-key"));
        Assert.Equal("", Ids(await sessions.FindOpenRunsAsync(new OpenRunQuery(), None)));
        Assert.Equal("", await StepsAsync(sessions, "r1"));
    }

    private static ReadOnlyMemory<byte> Step(string text) => Encoding.UTF8.GetBytes(text);

    private static SessionRecord Record() => new() { Key = Session, Version = 1, CreatedAt = Start, UpdatedAt = Start };

    private static JournalWrite Open(string run, SessionKey? session = null, int seconds = 0, RunStatus status = RunStatus.Running, string? key = null) => new()
    {
        Session = session ?? Session,
        RunId = run,
        Run = new RunRecord { Id = run, Session = session ?? Session, Agent = "assistant", Status = status, CreatedAt = Start.AddSeconds(seconds), IdempotencyKey = key },
    };

    private static async Task SaveRunsAsync(SqliteSessions sessions, params string[] runs)
    {
        SessionRecord? record = null;
        for (var i = 0; i < runs.Length; i++)
        {
            await sessions.SaveAsync(Save(Session, i + 1, record, runs[i]), None);
            record = await FindAsync(sessions, Session);
        }
    }

    private static string Ids(Page<RunRecord> page) => string.Join(' ', page.Items.Select(r => r.Id));

    private static async Task<string> RunsAsync(SqliteSessions sessions, RunQuery query) => Ids(await sessions.FindRunsAsync(query, None));

    private static async Task<string> SearchAsync(SqliteSessions sessions, RunSearch search) =>
        string.Join(' ', (await sessions.SearchRunsAsync(search, None))!.Runs.Select(r => r.Id));

    private static async Task<string> StepsAsync(SqliteSessions sessions, string run, int first = 0, int limit = 100) =>
        string.Join(' ', (await sessions.ReadAsync(Session, run, first, limit, None)).Items.Select(s => s.Position + Encoding.UTF8.GetString(s.Document.Span)));
}
