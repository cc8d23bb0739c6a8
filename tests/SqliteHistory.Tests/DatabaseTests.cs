using System.Runtime.Versioning;

namespace PluginHost.Sqlite.Tests;

public sealed class DatabaseTests : StoreTestBase
{
    [Fact]
    public async Task A_second_owner_is_refused_with_the_process_id_of_the_first_and_succeeds_after_it_closes()
    {
        await History().StartAsync(None);
        var second = new SqliteHistory(new SqliteHistoryOptions(), Context(alone: true));

        var refusal = await Assert.ThrowsAsync<SqliteStoreException>(() => second.StartAsync(None).AsTask());

        Assert.Contains($"({Environment.ProcessId})", refusal.Message, StringComparison.Ordinal);
        await CloseAsync();
        await History().StartAsync(None);
    }

    [Fact]
    public async Task A_database_is_handed_to_another_version_of_the_plugin_and_back_and_no_cached_message_is_old()
    {
        var old = History();
        var next = new SqliteHistory(new SqliteHistoryOptions(), Context(alone: true));
        await old.AcquireAsync(None);
        await old.AppendAsync(Run("r1"), None);
        await old.LoadAsync(new HistoryQuery { Session = Session, Limit = 50, Order = ListOrder.Descending }, None);

        await old.ReleaseAsync(None);
        await next.AcquireAsync(None);
        await next.AppendAsync(Run("r2"), None);
        await Assert.ThrowsAsync<SqliteStoreException>(() => old.AppendAsync(Run("r3"), None).AsTask());
        await next.ReleaseAsync(None);
        await old.AcquireAsync(None);

        var page = await old.LoadAsync(new HistoryQuery { Session = Session, Limit = 50, Order = ListOrder.Descending }, None);
        Assert.Equal(["r2.out", "r2.in", "r1.out", "r1.in"], page.Items.Select(m => m.Id));
    }

    [Fact]
    public async Task A_stale_lock_file_of_a_crash_does_not_prevent_the_start()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(DatabasePath)!);
        await File.WriteAllTextAsync(DatabasePath + ".lock", "");
        await File.WriteAllTextAsync(DatabasePath + ".lock.owner", "process 999999 on another, since 2020-01-01");

        await History().StartAsync(None);

        Assert.StartsWith(
            $"process {Environment.ProcessId} on {Environment.MachineName}, since ", await File.ReadAllTextAsync(DatabasePath + ".lock.owner"), StringComparison.Ordinal);
    }

    [UnixTheory]
    [InlineData(".lock")]
    [InlineData(".lock.owner")]
    [UnsupportedOSPlatform("windows")]
    public async Task A_lock_file_that_is_a_link_is_refused_and_what_it_leads_to_stays_as_it_is(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(DatabasePath)!);
        var precious = Path.Combine(Path.GetDirectoryName(DatabasePath)!, "precious");
        await File.WriteAllTextAsync(precious, "precious");
        File.CreateSymbolicLink(DatabasePath + file, precious);

        var refusal = await Assert.ThrowsAsync<SqliteStoreException>(() => History().StartAsync(None).AsTask());

        Assert.Contains(DatabasePath + file, refusal.Message, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(precious));
    }

    [Fact]
    public async Task The_error_of_an_unusable_folder_names_the_cause()
    {
        await File.WriteAllTextAsync(Path.Combine(Folder.Store, "data"), "a file instead of the folder");

        var refusal = await Assert.ThrowsAsync<SqliteStoreException>(() => History().StartAsync(None).AsTask());

        Assert.Contains("cannot be opened", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("in use by", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closing_leaves_the_complete_database_in_one_file()
    {
        var history = History();
        await history.AppendAsync(Run("r1"), None);
        await history.LoadAsync(new HistoryQuery { Session = Session, Limit = 50, Order = ListOrder.Descending }, None);

        await CloseAsync();

        Assert.Equal(["sessions.db", "sessions.db.lock"], Directory.GetFiles(Path.GetDirectoryName(DatabasePath)!).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal("r1.in r1.out", await LoadAsync(History()));
    }

    [Fact]
    public async Task Acknowledged_changes_survive_a_crash()
    {
        var (history, sessions) = (History(), Sessions());
        await sessions.SaveAsync(Save(Session, 1, run: "r1", appends: new CoveredAppend { History = history, Append = Run("r1") }), None);
        var copy = Path.Combine(Folder.Store, "crashed");
        Directory.CreateDirectory(copy);
        // The files after a crash: nothing is closed, and the log is not copied into the database.
        foreach (var file in new[] { "sessions.db", "sessions.db-wal" }) File.Copy(Path.Combine(Folder.Store, "data", file), Path.Combine(copy, file));

        var after = new SqliteHistory(new SqliteHistoryOptions(Path.Combine(copy, "sessions.db")), Context());

        Assert.Equal("r1.in r1.out", await LoadAsync(after));
    }

    [Fact]
    public async Task A_store_covers_only_histories_on_the_same_file()
    {
        var (history, sessions) = (History(), Sessions());
        var elsewhere = new SqliteHistory(new SqliteHistoryOptions("other.db"), Context());
        var link = Path.Combine(Folder.Store, "link.db");
        await history.StartAsync(None);
        File.CreateSymbolicLink(link, DatabasePath);
        var linked = new SqliteHistory(new SqliteHistoryOptions(link), Context());

        Assert.True(sessions.Covers(history));
        Assert.True(sessions.Covers(linked));
        Assert.False(sessions.Covers(elsewhere));
        await Assert.ThrowsAsync<ArgumentException>(() => sessions.SaveAsync(Save(Session, 1, appends: new CoveredAppend { History = elsewhere, Append = Run("r1") }), None).AsTask());
    }

    [Fact]
    public async Task Histories_with_different_names_on_one_file_are_separate()
    {
        var (main, audit) = (History(), History(name: "audit"));
        await main.AppendAsync(Run("r1"), None);
        await audit.AppendAsync(Run("r1") with { Messages = [Message("seen", ChatRole.User)] }, None);

        Assert.Equal("r1.in r1.out", await LoadAsync(main));
        Assert.Equal("seen", await LoadAsync(audit));
        Assert.Equal(2, await main.DeleteAsync(new HistoryDeletion { Session = Session }, None));
        Assert.Equal("seen", await LoadAsync(audit));
    }

    [Theory]
    [InlineData("full", 2)]
    [InlineData("normal", 1)]
    public async Task Each_entry_sets_its_durability(string synchronous, long expected)
    {
        var database = History().Database;
        await new SqliteHistory(new SqliteHistoryOptions(Synchronous: synchronous), Context()).AppendAsync(Run("r1"), None);

        long? actual = null;
        await database.Writer.WriteAsync(new ActionRequest(c => actual = c.QueryNumber("PRAGMA synchronous"), survivesPowerLoss: synchronous == "full"), None);

        Assert.Equal(expected, actual);
    }

    [Fact]
    public async Task A_newer_schema_is_refused()
    {
        await History().StartAsync(None);
        await CloseAsync();
        using (var other = Connect(DatabasePath)) QueryScalar(other, "PRAGMA user_version = 99");

        var refusal = await Assert.ThrowsAsync<SqliteStoreException>(() => History().StartAsync(None).AsTask());

        Assert.Contains("schema version 99", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"up to {SchemaSteps.All.Count}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_another_program_is_refused_and_not_changed()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(DatabasePath)!);
        using (var other = Connect(DatabasePath)) QueryScalar(other, "CREATE TABLE theirs (x)");

        var refusal = await Assert.ThrowsAsync<SqliteStoreException>(() => History().StartAsync(None).AsTask());

        Assert.Contains("not created by this plugin", refusal.Message, StringComparison.Ordinal);
        using var after = Connect(DatabasePath);
        Assert.Equal(1L, QueryScalar(after, "SELECT count(*) FROM sqlite_schema"));
    }

    [Fact]
    public async Task A_file_that_is_not_a_database_is_refused()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(DatabasePath)!);
        await File.WriteAllTextAsync(DatabasePath, new string('x', 5000));

        var refusal = await Assert.ThrowsAsync<SqliteStoreException>(() => History().StartAsync(None).AsTask());

        Assert.Contains("is not a SQLite database", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(DatabasePath, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Idle_sessions_are_read_from_their_index_without_sorting()
    {
        var database = Sessions().Database.Open();
        var query = new SessionQuery { Tenant = "default", IdleSince = DateTimeOffset.UnixEpoch, AllTenants = true };

        var plan = await database.Readers.ReadAsync(
            static (connection, query) =>
            {
                using var rows = connection.Query("EXPLAIN QUERY PLAN " + SessionReader.BuildSql(query, ascending: true), "default", (string?)null, 0L, "", "", 1L, "", "");
                return rows.Read() ? rows.GetString(3) + (rows.Read() ? rows.GetString(3) : "") : "";
            },
            query,
            None);

        Assert.Contains("sessions_by_last_save", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("TEMP B-TREE", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_save_writes_only_changed_parts()
    {
        var sessions = Sessions();
        var first = new SessionRecord
        {
            Key = Session,
            Version = 1,
            CreatedAt = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch,
            State = new Dictionary<string, System.Text.Json.JsonElement>
            {
                ["kept"] = System.Text.Json.JsonElement.Parse("""{"a":1}"""),
                ["changed"] = System.Text.Json.JsonElement.Parse("""{"a":1}"""),
                ["removed"] = System.Text.Json.JsonElement.Parse("""{"a":1}"""),
            },
        };
        await sessions.SaveAsync(new SessionSave { Session = first, ExpectedVersion = 0 }, None);
        // A write of the part would remove this mark.
        await sessions.Database.Writer.WriteAsync(new ActionRequest(c => c.Execute("UPDATE session_parts SET json = '{\"mark\":1}'")), None);
        var second = first with
        {
            Version = 2,
            State = new Dictionary<string, System.Text.Json.JsonElement>
            {
                ["kept"] = System.Text.Json.JsonElement.Parse("""{"a":1}"""),
                ["changed"] = System.Text.Json.JsonElement.Parse("""{"a":2}"""),
            },
        };

        await sessions.SaveAsync(new SessionSave { Session = second, ExpectedVersion = 1, Previous = first }, None);
        await CloseAsync();

        var state = (await FindAsync(Sessions(), Session))!.State;
        Assert.Equal(["changed {\"a\":2}", "kept {\"mark\":1}"], state.Select(s => $"{s.Key} {s.Value}").Order(StringComparer.Ordinal));
    }
}
