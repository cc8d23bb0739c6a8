using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace PluginHost.Files.Tests;

/// <summary>The file format that people and scripts rely on.</summary>
public sealed class FileFormatTests : FileTestBase
{
    [Fact]
    public async Task A_history_file_holds_one_readable_json_line_per_append()
    {
        var history = OpenHistory();
        await history.AppendAsync(Append("r1", text: "Grüße 👋\nzweite \"Zeile\""), None);
        await history.AppendAsync(Append("r2") with { Outcome = RunOutcome.Failed }, None);

        var lines = await File.ReadAllLinesAsync(HistoryFile());

        Assert.Equal(2, lines.Length);
        Assert.Equal(
            """{"v":2,"tenant":"default","session":"s1","run":"r1","attempt":1,"step":0,"outcome":"completed","ids":["r1.in","r1.out"],"messages":[{"id":"r1.in",""",
            lines[0][..(lines[0].IndexOf("\"r1.in\",\"origin", StringComparison.Ordinal) + 8)]);
        Assert.Contains("Grüße", lines[0], StringComparison.Ordinal);
        var message = JsonDocument.Parse(lines[0]).RootElement.GetProperty("messages")[0];
        Assert.Equal(("r1.in", "input"), (message.GetProperty("id").GetString(), message.GetProperty("origin").GetString()));
        Assert.Equal("user", message.GetProperty("message").GetProperty("role").GetString());
        Assert.Equal("Grüße 👋\nzweite \"Zeile\"", message.GetProperty("message").GetProperty("contents")[0].GetProperty("text").GetString());
        Assert.Equal("failed", JsonDocument.Parse(lines[1]).RootElement.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task A_session_is_one_json_file_and_its_runs_are_json_lines()
    {
        var sessions = OpenSessions();
        await sessions.SaveAsync(Save(1, Run("r1")), None);
        await sessions.SaveAsync(Save(2, Run("r2")), None);

        var session = JsonDocument.Parse(await File.ReadAllTextAsync(SessionFile())).RootElement;
        Assert.Equal(1, session.GetProperty("v").GetInt32());
        Assert.Equal("s1", session.GetProperty("session").GetProperty("key").GetProperty("id").GetString());
        var runs = (await File.ReadAllLinesAsync(RunsFile())).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(["r1", "r2"], runs.Select(r => r.GetProperty("id").GetString()));
        Assert.Equal("completed", runs[0].GetProperty("status").GetString());
        Assert.Equal("answer of r1", runs[0].GetProperty("output")[0].GetProperty("contents")[0].GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_window_is_read_from_the_end_without_reading_older_lines()
    {
        var history = OpenHistory();
        for (var i = 0; i < 3; i++) await history.AppendAsync(Append($"old{i}", text: new string('x', 100_000)), None);
        for (var i = 0; i < 3; i++) await history.AppendAsync(Append($"r{i}"), None);
        await CloseAsync();
        var bytes = await File.ReadAllBytesAsync(HistoryFile());
        bytes[10] = (byte)'?';
        await File.WriteAllBytesAsync(HistoryFile(), bytes);

        history = OpenHistory();

        Assert.Equal("r1.in r1.out r2.in r2.out", await IdsAsync(history, limit: 4));
        Assert.DoesNotContain(Logs, e => e.Level >= LogLevel.Warning);
    }

    [Fact]
    public void The_index_cache_evicts_the_least_recently_used_sessions()
    {
        var cache = new History.IndexCache(capacity: 30);
        for (var i = 0; i < 10; i++) cache.Put(Session with { Id = $"s{i}" }, new History.HistoryIndex { Length = i });

        Assert.Null(cache.Find(Session with { Id = "s0" }, 0));
        Assert.NotNull(cache.Find(Session with { Id = "s9" }, 9));
        Assert.Null(cache.Find(Session with { Id = "s9" }, 10));
    }
}
