using System.Text;
using Microsoft.Extensions.Logging;

namespace PluginHost.Files.Tests;

public sealed class CrashTests : FileTestBase
{
    [Fact]
    public async Task A_line_torn_at_any_byte_is_removed_and_earlier_lines_are_kept()
    {
        var history = OpenHistory();
        await history.AppendAsync(Append("r1"), None);
        var whole = await File.ReadAllBytesAsync(HistoryFile());
        await history.AppendAsync(Append("r2"), None);
        var both = await File.ReadAllBytesAsync(HistoryFile());

        for (var cut = whole.Length; cut < both.Length - 1; cut += 7)
        {
            await CloseAsync();
            await File.WriteAllBytesAsync(HistoryFile(), both[..cut]);
            history = OpenHistory();

            Assert.Equal("r1.in r1.out", await IdsAsync(history));
            Assert.Equal(cut == whole.Length ? 0 : 1, Logs.Count(e => e.Level == LogLevel.Warning && e.Message.Contains("torn line", StringComparison.Ordinal)));
            Assert.Equal(whole, await File.ReadAllBytesAsync(HistoryFile()));
            await history.AppendAsync(Append("r2"), None);
            Assert.Equal(both, await File.ReadAllBytesAsync(HistoryFile()));
        }
    }

    [Fact]
    public async Task An_append_removes_a_torn_line_first()
    {
        await OpenHistory().AppendAsync(Append("r1"), None);
        await CloseAsync();
        await File.AppendAllTextAsync(HistoryFile(), "{\"v\":1,\"run\":\"r2\"" + new string('\0', 5000));

        var history = OpenHistory();
        await history.AppendAsync(Append("r2"), None);

        Assert.Equal("r1.in r1.out r2.in r2.out", await IdsAsync(history));
        Assert.Equal(2, (await File.ReadAllLinesAsync(HistoryFile())).Length);
    }

    [Fact]
    public async Task A_complete_last_line_without_line_feed_is_kept()
    {
        var history = OpenHistory();
        await history.AppendAsync(Append("r1"), None);
        await CloseAsync();
        await File.WriteAllTextAsync(HistoryFile(), (await File.ReadAllTextAsync(HistoryFile())).TrimEnd('\n'));

        history = OpenHistory();
        await history.AppendAsync(Append("r2"), None);

        Assert.Equal("r1.in r1.out r2.in r2.out", await IdsAsync(history));
        Assert.DoesNotContain(Logs, e => e.Level >= LogLevel.Warning);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("")]
    [InlineData("{\"v\":1,\"messages\":[{}]}")]
    [InlineData("{\"v\":3,\"messages\":[]}")]
    [InlineData("{\"v\":2,\"ids\":[7],\"messages\":[]}")]
    [InlineData("{\"v\":1,\"messages\":[],\"attempt\":\"one\"}")]
    [InlineData("[1,2]")]
    [InlineData("{\"v\":1,\"messages\":7}")]
    [InlineData("{\"v\":1,\"messages\":[7]}")]
    [InlineData("{\"v\":1,\"messages\":[{\"id\":\"m\",\"message\":\"text\"}]}")]
    [InlineData("{\"v\":1,\"messages\":[{\"id\":\"m\",\"message\":{\"contents\":[{\"$type\":\"of the future\"}]}}]}")]
    public async Task A_corrupt_line_is_logged_with_its_number_copied_and_left_unchanged(string corrupt)
    {
        var history = OpenHistory();
        for (var i = 1; i <= 3; i++) await history.AppendAsync(Append($"r{i}"), None);
        await CloseAsync();
        var lines = await File.ReadAllLinesAsync(HistoryFile());
        lines[1] = corrupt;
        await File.WriteAllTextAsync(HistoryFile(), string.Join('\n', lines) + "\n");

        for (var start = 0; start < 2; start++)
        {
            history = OpenHistory();
            Assert.Equal(start == 0 ? "r1.in r1.out r3.in r3.out" : "r1.in r1.out r3.in r3.out r4.in r4.out", await IdsAsync(history));
            await history.AppendAsync(Append("r4"), None);
            await history.LoadAsync(new HistoryQuery { Session = Session, Limit = 10 }, None);

            var error = Assert.Single(Logs, e => e.Level == LogLevel.Error).Message;
            Assert.Contains($"'{HistoryFile()}' line 2", error, StringComparison.Ordinal);
            Assert.Equal(corrupt + "\n", await File.ReadAllTextAsync(HistoryFile() + ".corrupt"));
            Assert.Equal(corrupt, (await File.ReadAllLinesAsync(HistoryFile()))[1]);
            await CloseAsync();
        }
    }

    [Fact]
    public async Task Deleting_a_message_removes_corrupt_lines_that_mention_it()
    {
        var history = OpenHistory();
        for (var i = 1; i <= 3; i++) await history.AppendAsync(Append($"r{i}", text: $"secret-{i}"), None);
        await CloseAsync();
        var text = await File.ReadAllTextAsync(HistoryFile());
        await File.WriteAllTextAsync(HistoryFile(), text.Replace("{\"v\":2,\"tenant\":\"default\",\"session\":\"s1\",\"run\":\"r2\"", "{oops", StringComparison.Ordinal));
        history = OpenHistory();
        await IdsAsync(history);
        Assert.True(File.Exists(HistoryFile() + ".corrupt"));

        Assert.Equal(1, await history.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = ["r2.in", "r1.in"] }, None));

        Assert.False(Folder.Contains("secret-2"));
        Assert.Equal("r1.out r3.in r3.out", await IdsAsync(history));
    }

    [Fact]
    public async Task The_next_start_removes_the_temporary_files_of_a_crash()
    {
        await OpenSessions().SaveAsync(Save(1, Run("r1")), None);
        await CloseAsync();
        await File.WriteAllTextAsync(SessionFile() + ".tmp", "half");
        await File.WriteAllTextAsync(Path.Combine(FilesPath, "history", "x.jsonl.tmp"), "half");
        await File.WriteAllTextAsync(RunsFile(Session with { Id = "gone" }), "{\"id\":\"secret\"}\n");

        var sessions = OpenSessions();
        await sessions.StartAsync(None);

        Assert.False(Folder.Contains("half") || Folder.Contains("secret"));
        Assert.Single((await sessions.FindSessionsAsync(new SessionQuery { Tenant = "default" }, None)).Items);
    }

    [Fact]
    public async Task A_run_of_an_incomplete_save_is_not_returned()
    {
        await OpenSessions().SaveAsync(Save(1, Run("r1")), None);
        await CloseAsync();
        await File.AppendAllTextAsync(RunsFile(), Encoding.UTF8.GetString(Sessions.RecordJson.Write(Run("r2") with { IdempotencyKey = "k" })) + "{\"id\":\"r3\",");

        var sessions = OpenSessions();
        Assert.Equal("r1", Assert.Single((await sessions.FindRunsAsync(new RunQuery { Tenant = "default", SessionId = "s1" }, None)).Items).Id);
        Assert.Empty((await sessions.FindRunsAsync(new RunQuery { Tenant = "default", IdempotencyKey = "k" }, None)).Items);

        await sessions.SaveAsync(Save(2, Run("r4")), None);
        var runs = await sessions.FindRunsAsync(new RunQuery { Tenant = "default", SessionId = "s1" }, None);
        Assert.Equal(["r1", "r4"], runs.Items.Select(r => r.Id));
        Assert.Equal(2, (await File.ReadAllLinesAsync(RunsFile())).Length);
    }

    [Fact]
    public async Task A_corrupt_session_file_is_never_overwritten_and_can_be_deleted()
    {
        await OpenSessions().SaveAsync(Save(1), None);
        await CloseAsync();
        await File.WriteAllTextAsync(SessionFile(), "{ broken");

        var sessions = OpenSessions();
        await sessions.StartAsync(None);

        Assert.Contains(SessionFile(), Assert.Single(Logs, e => e.Level == LogLevel.Error).Message, StringComparison.Ordinal);
        Assert.Empty((await sessions.FindSessionsAsync(new SessionQuery { Tenant = "default" }, None)).Items);
        await Assert.ThrowsAsync<StorageException>(() => sessions.FindSessionsAsync(new SessionQuery { Tenant = "default", Id = "s1" }, None).AsTask());
        await Assert.ThrowsAsync<StorageException>(() => sessions.SaveAsync(Save(1), None).AsTask());
        Assert.Equal("{ broken", await File.ReadAllTextAsync(SessionFile()));
        Assert.Equal(1, await sessions.DeleteAsync(Session, None));
        await sessions.SaveAsync(Save(1), None);
    }
}
