using System.Runtime.Versioning;
using Microsoft.Extensions.Logging;

namespace PluginHost.Sqlite.Tests;

public sealed class FailureTests : StoreTestBase
{
    private readonly WindowCache _windows = new();

    [Fact]
    public async Task A_full_disk_fails_every_write_until_space_is_free()
    {
        await using var database = Open();
        await AppendAsync(database, "r1", 10);
        await LimitAsync(database, null);

        for (var i = 0; i < 2; i++)
        {
            var failure = await Assert.ThrowsAsync<SqliteStoreException>(() => AppendAsync(database, "r2", 100_000));
            Assert.Contains("is full", failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, await CountAsync(database));
        await LimitAsync(database, 1_000_000);
        await AppendAsync(database, "r2", 100_000);
        Assert.Equal(2, await CountAsync(database));
    }

    [Fact]
    public async Task A_disk_that_is_too_full_to_place_new_rows_fails_no_write()
    {
        const int Count = 2900;
        await using var database = Open();
        await LimitAsync(database, 1_000_000);
        var messages = Enumerable.Range(0, Count).Select(i => Message($"m{i}", ChatRole.User, "x")).ToList();
        await database.Writer.WriteAsync(new AppendRequest(new PreparedAppend(Key, Run("r1") with { Messages = messages }), _windows, survivesPowerLoss: true), None);
        await LimitAsync(database, null);

        await ChangeAsync(database, NewRows.Interval - (2 * Count));
        Assert.Equal((Count, 0L), await CountPlacesAsync(database));
        Assert.False(database.Writer.IsFailing);

        await LimitAsync(database, 1_000_000);
        await ChangeAsync(database, NewRows.Interval);
        Assert.Equal((0L, Count), await CountPlacesAsync(database));
        Assert.Equal(Count, await CountAsync(database));
    }

    [Fact]
    public async Task A_lock_of_another_program_is_reported_and_the_database_works_after_its_release()
    {
        await using var database = Open();
        await AppendAsync(database, "r1", 10);
        using (var other = Connect(database.Path))
        {
            QueryScalar(other, "BEGIN IMMEDIATE");
            var failure = await Assert.ThrowsAsync<SqliteStoreException>(() => AppendAsync(database, "r2", 10));
            Assert.Contains("locked by another program", failure.Message, StringComparison.Ordinal);
            QueryScalar(other, "ROLLBACK");
        }

        await AppendAsync(database, "r2", 10);
        Assert.Equal(2, await CountAsync(database));
    }

    [Fact]
    public async Task A_broken_connection_is_replaced()
    {
        await using var database = Open();
        await AppendAsync(database, "r1", 10);
        await database.Writer.WriteAsync(new ActionRequest(c => c.Connection.Close()), None).ContinueWith(static t => t.Exception, TaskScheduler.Default);

        await AppendAsync(database, "r2", 10);

        Assert.Equal(2, await CountAsync(database));
    }

    [Fact]
    public async Task A_delete_while_another_program_reads_reports_that_content_may_remain()
    {
        await using var database = Open();
        await AppendAsync(database, "r1", 10);
        using var other = Connect(database.Path);
        QueryScalar(other, "BEGIN");
        QueryScalar(other, "SELECT count(*) FROM messages");
        await AppendAsync(database, "r2", 10);

        var failure = await Assert.ThrowsAsync<SqliteStoreException>(() => DeleteAsync(database));
        Assert.Contains("delete again", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, await CountAsync(database));

        QueryScalar(other, "COMMIT");
        await DeleteAsync(database);
        Assert.Equal(0, new FileInfo(database.Path + "-wal").Length);
    }

    [Fact]
    public async Task Writes_do_not_wait_for_a_program_that_reads_and_the_size_of_the_log_is_logged_once()
    {
        var context = Context();
        // Whatever waited for the reader would take ten minutes.
        await using var database = Open(busyTimeout: TimeSpan.FromMinutes(10), logger: context.Logger);
        await AppendAsync(database, "r0", 10);
        using (var other = Connect(database.Path))
        {
            QueryScalar(other, "BEGIN");
            QueryScalar(other, "SELECT count(*) FROM messages");
            var erasure = DeleteAsync(database);
            for (var i = 1; i < 400; i++) await AppendAsync(database, $"r{i}", 100_000);

            Assert.False(erasure.IsCompleted);
            Assert.InRange(new FileInfo(database.Path + "-wal").Length, 40_000_000, long.MaxValue);
            QueryScalar(other, "COMMIT");
            await erasure;
        }

        for (var i = 400; i < 600; i++) await AppendAsync(database, $"r{i}", 100_000);
        Assert.InRange(new FileInfo(database.Path + "-wal").Length, 0, 20_000_000);
        var message = Assert.Single(context.Logs, e => e.Level == LogLevel.Warning).Message;
        Assert.Matches("has [1-9][0-9]* MB and cannot shrink while another program reads", message);
    }

    [Fact]
    public async Task The_log_stays_short_under_load_and_constant_reads()
    {
        await using var database = Open();
        using var stop = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested) await CountAsync(database);
        })).ToList();
        for (var i = 0; i < 300; i++)
        {
            await AppendAsync(database, $"r{i}", 100_000);
            Assert.InRange(new FileInfo(database.Path + "-wal").Length, 0, 24_000_000);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }

    [Fact]
    public async Task The_log_is_copied_while_the_writer_is_in_a_transaction()
    {
        await using var database = Open();
        for (var i = 0; i < 10; i++) await AppendAsync(database, $"r{i}", 100_000);
        using var gate = new ManualResetEventSlim();
        var blocking = new ActionRequest(_ => gate.Wait());
        var blocked = database.Writer.WriteAsync(blocking, None);
        await blocking.Started.Task;
        using var background = new BackgroundCheckpoint(new PreparedConnection(database.Path, readOnly: false, TimeSpan.Zero));

        Assert.InRange(new FileInfo(database.Path).Length, 0, 200_000);
        await background.RunAsync().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.InRange(new FileInfo(database.Path).Length, 1_000_000, long.MaxValue);

        gate.Set();
        await blocked;
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task Only_the_hosts_user_can_read_what_is_stored_and_a_wider_file_is_logged()
    {
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        await using (var database = Open("new/own.db"))
        {
            await AppendAsync(database, "r1", 10);
            var folder = Path.GetDirectoryName(database.Path)!;
            var entries = Directory.GetFileSystemEntries(folder).Append(folder).ToList();
            Assert.True(entries.Count >= 6);
            foreach (var entry in entries) Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(entry) & others);
            File.SetUnixFileMode(database.Path, File.GetUnixFileMode(database.Path) | UnixFileMode.OtherRead);
        }

        var context = Context();
        await using var reopened = Open("new/own.db", logger: context.Logger);
        Assert.Contains(context.Logs, e => e.Message.Contains($"chmod 600 '{reopened.Path}'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_log_stays_short_under_load()
    {
        await using var database = Open();
        for (var i = 0; i < 200; i++)
        {
            await AppendAsync(database, $"r{i}", 100_000);
            Assert.InRange(new FileInfo(database.Path + "-wal").Length, 0, 8_000_000);
        }

        Assert.Equal(200, await CountAsync(database));
    }

    private static HistoryKey Key { get; } = new("history", Session);

    private static HistoryAppend Large(string run, int length) => Run(run) with { Messages = [Message(run, ChatRole.User, new string('x', length))] };

    private Task AppendAsync(Database database, string run, int length) =>
        database.Writer.WriteAsync(new AppendRequest(new PreparedAppend(Key, Large(run, length)), _windows, survivesPowerLoss: true), None);

    private Task DeleteAsync(Database database) => database.EraseAsync(new DeleteMessagesRequest(Key, null, _windows), None);

    /// <summary>Limits the database to a number of pages, to simulate a full disk; null for its current size.</summary>
    private static Task LimitAsync(Database database, long? pages) =>
        database.Writer.WriteAsync(new ActionRequest(c => c.ExecutePragma($"max_page_count={pages ?? c.QueryNumber("PRAGMA page_count")}")), None);

    /// <summary>Changes rows so many times, which takes no space.</summary>
    private static Task ChangeAsync(Database database, int count) => database.Writer.WriteAsync(
        new ActionRequest(c =>
        {
            for (var i = 0; i < count; i++) c.Execute("UPDATE message_ids SET first_free = first_free");
        }),
        None);

    /// <summary>How many messages are in the list of new ones, and how many are placed, after the last commit.</summary>
    private static async Task<(long New, long Placed)> CountPlacesAsync(Database database)
    {
        var counts = (0L, 0L);
        await database.Writer.WriteAsync(
            new ActionRequest(c => counts = (c.QueryNumber("SELECT count(*) FROM new_messages")!.Value, c.QueryNumber("SELECT count(*) FROM message_places")!.Value)), None);
        return counts;
    }

    private static async Task<long?> CountAsync(Database database) =>
        await database.Readers.ReadAsync(static (connection, sql) => connection.QueryNumber(sql), "SELECT count(*) FROM messages", None);
}
