using System.Text;
using Microsoft.Extensions.Logging;

namespace PluginHost.Files.Tests;

/// <summary>The files of runs in progress, after crashes and failures of the disk.</summary>
public sealed class JournalTests : FileTestBase
{
    private string SessionsPath => Path.Combine(FilesPath, "sessions");

    private string OpenFile => Assert.Single(Directory.GetFiles(SessionsPath, "*.open.jsonl"));

    [Fact]
    public async Task A_line_torn_at_any_byte_is_removed_and_earlier_steps_are_kept()
    {
        var sessions = OpenSessions();
        await sessions.WriteAsync(First("r1", "\"one\""), None);
        var file = OpenFile;
        var whole = await File.ReadAllBytesAsync(file);
        await sessions.WriteAsync(Next("r1", 1, "\"two\"", "\"three\""), None);
        var both = await File.ReadAllBytesAsync(file);

        for (var cut = whole.Length; cut < both.Length; cut++)
        {
            await CloseAsync();
            await File.WriteAllBytesAsync(file, both[..cut]);
            sessions = OpenSessions();

            Assert.Equal("\"one\"", await StepsAsync(sessions, "r1"));
            Assert.Equal(cut == whole.Length ? 0 : 1, Logs.Count(e => e.Message.Contains("torn line", StringComparison.Ordinal)));
            Assert.Equal(whole, await File.ReadAllBytesAsync(file));
            await sessions.WriteAsync(Next("r1", 1, "\"two\"", "\"three\""), None);
            Assert.Equal(both, await File.ReadAllBytesAsync(file));
        }
    }

    [Fact]
    public async Task A_first_write_torn_at_any_byte_leaves_no_run()
    {
        await OpenSessions().SaveAsync(Save(1), None);
        await OpenSessions().WriteAsync(First("r1", "1") with { NewSession = null }, None);
        var file = OpenFile;
        var bytes = await File.ReadAllBytesAsync(file);
        for (var cut = 0; cut < bytes.Length; cut += 5)
        {
            await CloseAsync();
            await File.WriteAllBytesAsync(file, bytes[..cut]);

            Assert.Empty((await OpenSessions().FindOpenRunsAsync(new OpenRunQuery(), None)).Items);
            Assert.False(File.Exists(file));
        }
    }

    [Fact]
    public async Task A_run_whose_session_was_not_written_before_a_crash_is_gone()
    {
        await OpenSessions().WriteAsync(First("r1", "1"), None);
        await CloseAsync();
        File.Delete(SessionFile());

        var sessions = OpenSessions();

        Assert.Empty((await sessions.FindOpenRunsAsync(new OpenRunQuery(), None)).Items);
        Assert.Empty(Directory.GetFiles(SessionsPath));
        await sessions.WriteAsync(First("r1", "1"), None);
    }

    [Fact]
    public async Task A_run_that_was_saved_before_a_crash_removed_its_journal_is_not_open()
    {
        var sessions = OpenSessions();
        await sessions.WriteAsync(First("r1", "\"secret\""), None);
        var (file, bytes) = (OpenFile, await File.ReadAllBytesAsync(OpenFile));
        await sessions.SaveAsync(Save(2, Run("r1")) with { EndsRun = true }, None);
        Assert.False(File.Exists(file));
        await CloseAsync();
        await File.WriteAllBytesAsync(file, bytes);

        sessions = OpenSessions();

        Assert.Empty((await sessions.FindOpenRunsAsync(new OpenRunQuery(), None)).Items);
        Assert.Equal(RunStatus.Completed, Assert.Single((await sessions.FindRunsAsync(new RunQuery { Tenant = "default", SessionId = "s1" }, None)).Items).Status);
        Assert.False(Folder.Contains("secret"));
    }

    [Theory]
    [InlineData("{\"v\":2,\"first\":1,\"steps\":[7]}", "Expected version 1, got 2.")]
    [InlineData("{\"v\":1,\"first\":9,\"steps\":[7]}", "Expected step 1, found step 9.")]
    [InlineData("{\"v\":1,\"first\":\"one\",\"steps\":[7]}", "number")]
    [InlineData("{\"v\":1,\"steps\":7}", "list of steps")]
    [InlineData("{\"v\":1,\"first\":1,\"steps\":[7}", "'}'")]
    [InlineData("not json", "invalid")]
    public async Task A_line_that_cannot_be_read_is_an_error_and_nothing_is_lost(string line, string reason)
    {
        await OpenSessions().WriteAsync(First("r1", "1"), None);
        var file = OpenFile;
        await CloseAsync();
        await File.AppendAllTextAsync(file, line + "\n");

        var sessions = OpenSessions();

        Assert.Equal("r1", Assert.Single((await sessions.FindOpenRunsAsync(new OpenRunQuery(), None)).Items).Id);
        var error = await Assert.ThrowsAsync<StorageException>(() => StepsAsync(sessions, "r1"));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(file, error.Message, StringComparison.Ordinal);
        Assert.EndsWith(line + "\n", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        await sessions.DeleteAsync(Session, None);
        Assert.Empty(Directory.GetFiles(SessionsPath));
    }

    [Fact]
    public async Task A_run_whose_record_cannot_be_read_is_reported_and_erased_with_its_session()
    {
        await OpenSessions().WriteAsync(First("r1", "\"secret\""), None);
        var file = OpenFile;
        await CloseAsync();
        await File.WriteAllTextAsync(file, "{ \"secret\"\n");

        var sessions = OpenSessions();

        Assert.Empty((await sessions.FindOpenRunsAsync(new OpenRunQuery(), None)).Items);
        Assert.Contains(file, Assert.Single(Logs, e => e.Level == LogLevel.Error).Message, StringComparison.Ordinal);
        Assert.True(Folder.Contains("secret"));
        await sessions.DeleteAsync(Session, None);
        Assert.False(Folder.Contains("secret"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_write_that_fails_changes_nothing_and_can_be_repeated(bool isFull)
    {
        var writer = new FailingFileWriter { IsFull = isFull, CannotFlush = !isFull };
        var sessions = OpenSessions(writer);
        await Assert.ThrowsAsync<StorageException>(() => sessions.WriteAsync(First("r1", "1"), None).AsTask());
        Assert.Empty(Directory.GetFiles(SessionsPath));
        (writer.IsFull, writer.CannotFlush) = (false, false);
        await sessions.WriteAsync(First("r1", "1"), None);

        (writer.IsFull, writer.CannotFlush) = (isFull, !isFull);
        await Assert.ThrowsAsync<StorageException>(() => sessions.WriteAsync(Next("r1", 1, "2"), None).AsTask());
        await Assert.ThrowsAsync<StorageException>(() => sessions.SaveAsync(Save(2, Run("r1")) with { EndsRun = true }, None).AsTask());
        Assert.Equal("1", await StepsAsync(sessions, "r1"));
        (writer.IsFull, writer.CannotFlush) = (false, false);
        await sessions.WriteAsync(Next("r1", 1, "2"), None);
        await CloseAsync();

        Assert.Equal("1 2", await StepsAsync(OpenSessions(), "r1"));
    }

    [Fact]
    public async Task A_journal_costs_two_flushes_for_a_run_and_one_for_each_write_of_steps()
    {
        var flushes = 0;
        var writer = new FailingFileWriter { BeforeFlush = () => Interlocked.Increment(ref flushes) };
        var sessions = OpenSessions(writer);
        await sessions.SaveAsync(Save(1), None);
        var before = (Files: flushes, Folders: writer.FlushedFolders.Count);

        await sessions.WriteAsync(First("r1") with { NewSession = null }, None);
        Assert.Equal((1, 1), (flushes - before.Files, writer.FlushedFolders.Count - before.Folders));
        await sessions.WriteAsync(Next("r1", 0, "1", "2"), None);
        Assert.Equal((2, 1), (flushes - before.Files, writer.FlushedFolders.Count - before.Folders));
        await sessions.SaveAsync(Save(2, Run("r1")) with { EndsRun = true }, None);
        Assert.Equal((4, 2), (flushes - before.Files, writer.FlushedFolders.Count - before.Folders));
        before = (flushes, writer.FlushedFolders.Count);
        await sessions.SaveAsync(Save(3, Run("r2")), None);
        Assert.Equal((2, 1), (flushes - before.Files, writer.FlushedFolders.Count - before.Folders));
    }

    private static JournalWrite First(string run, params string[] steps) => Next(run, 0, steps) with
    {
        Run = Run(run) with { Status = RunStatus.Running, Output = [] },
        NewSession = Save(1).Session,
    };

    private static JournalWrite Next(string run, int first, params string[] steps) => new()
    {
        Session = Session,
        RunId = run,
        FirstStep = first,
        Steps = [.. steps.Select(s => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(s))],
    };

    private static async Task<string> StepsAsync(FileSessions sessions, string run) =>
        string.Join(' ', (await sessions.ReadAsync(Session, run, 0, 100, None)).Items.Select(s => Encoding.UTF8.GetString(s.Document.Span)));
}
