using System.Diagnostics;
using System.Net;
using Microsoft.Data.Sqlite;

namespace PluginHost.EndToEnd;

/// <summary>Real trouble under a running host: it says what is wrong and what cures it, and goes on by itself when that is done.</summary>
public sealed class StorageTroubleTests
{
    // To root no file is read-only.
    private static readonly string[] Unprivileged =
        Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : [];

    private static string Database(WorkFolder folder) => folder["data/sessions.db"];

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task When_nothing_more_can_be_written_callers_are_told_and_nothing_that_was_acknowledged_is_lost(string store)
    {
        if (!OperatingSystem.IsLinux()) return;
        using var folder = Configurations.FolderFor(store);
        // The signal that comes with the limit would end the host; a full disk sends none.
        await using (var host = await RunningHost.StartAsync(folder, launcher: ["env", "--ignore-signal=XFSZ"]))
        {
            await host.Api.RunAsync("ada", "one");
            await LimitFileSizeAsync(host, "1:unlimited");
            await CheckTroubleAsync(host, folder["data"]);
            Assert.Equal(2, (await host.Api.MessagesAsync("ada")).Count);

            await LimitFileSizeAsync(host, "unlimited:unlimited");
            await CheckHealedAsync(host, "ada", "two");
            await host.StopAsync();
        }

        await CheckStoredAsync(folder, "one", "two");
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task When_the_folder_is_gone_callers_are_told_and_it_is_used_again_when_it_is_back(string store)
    {
        if (OperatingSystem.IsWindows()) return;
        using var folder = Configurations.FolderFor(store);
        await using (var host = await RunningHost.StartAsync(folder))
        {
            await host.Api.RunAsync("ada", "one");
            Directory.Move(folder["data"], folder["elsewhere"]);
            await CheckTroubleAsync(host, folder["data"]);
            Assert.False(Directory.Exists(folder["data"]));

            Directory.Move(folder["elsewhere"], folder["data"]);
            await CheckHealedAsync(host, "ada", "two");
            await host.StopAsync();
        }

        await CheckStoredAsync(folder, "one", "two");
    }

    [Fact]
    public async Task While_another_program_has_locked_the_database_callers_are_told_and_it_is_used_again_afterwards()
    {
        using var folder = WorkFolder.Shipped();
        await using (var host = await RunningHost.StartAsync(folder))
        {
            await host.Api.RunAsync("ada", "one");
            await using (var other = new SqliteConnection($"Data Source={Database(folder)};Pooling=False"))
            {
                other.Open();
                Ask(other, "BEGIN IMMEDIATE");
                await CheckTroubleAsync(host, "locked by another program");
                Ask(other, "ROLLBACK");
            }

            await CheckHealedAsync(host, "ada", "two");
            await host.StopAsync();
        }

        await CheckStoredAsync(folder, "one", "two");
    }

    [Theory]
    [InlineData("data/sessions.db", "is read-only")]
    [InlineData("data/sessions.db.lock", "cannot be opened")]
    public async Task A_database_that_may_not_be_written_keeps_the_host_from_starting_until_it_may(string file, string cause)
    {
        if (!OperatingSystem.IsLinux()) return;
        using var folder = WorkFolder.Shipped();
        await using (var host = await RunningHost.StartAsync(folder))
        {
            await host.Api.RunAsync("ada", "one");
            // With a log beside it, which a start would take over.
            await host.KillAsync();
        }

        var before = File.GetUnixFileMode(folder[file]);
        File.SetUnixFileMode(folder[file], UnixFileMode.UserRead);
        StartupRefusal.Check(await RunningHost.RunAsync(folder, Unprivileged, []), Database(folder), cause, "write access");

        File.SetUnixFileMode(folder[file], before);
        await CheckStoredAsync(folder, "one");
    }

    [Fact]
    public async Task While_files_may_not_be_written_callers_are_told_and_they_are_used_again_when_they_may()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var folder = Configurations.FolderFor("files");
        await using (var host = await RunningHost.StartAsync(folder, Unprivileged))
        {
            await host.Api.RunAsync("ada", "one");
            var modes = Directory.GetFileSystemEntries(folder["data"], "*", SearchOption.AllDirectories).ToDictionary(f => f, File.GetUnixFileMode);
            foreach (var (path, mode) in modes) File.SetUnixFileMode(path, mode & ~UnixFileMode.UserWrite);
            await CheckTroubleAsync(host, folder["data"]);
            Assert.Equal(2, (await host.Api.MessagesAsync("ada")).Count);

            foreach (var (path, mode) in modes) File.SetUnixFileMode(path, mode);
            await CheckHealedAsync(host, "ada", "two");
            await host.StopAsync();
        }

        await CheckStoredAsync(folder, "one", "two");
    }

    [Fact]
    public async Task A_torn_line_is_cut_off_and_one_that_cannot_be_read_is_copied_aside_and_the_rest_goes_on()
    {
        using var folder = Configurations.FolderFor("files");
        await using (var host = await RunningHost.StartAsync(folder))
        {
            await host.Api.RunAsync("ada", "one");
            await host.Api.RunAsync("ada", "two");
            await host.KillAsync();
        }

        foreach (var file in Directory.GetFiles(folder["data/files"], "*.jsonl", SearchOption.AllDirectories))
            await File.AppendAllTextAsync(file, "{\"v\":1,\"run\":\"torn\",\"mess");
        await CheckStoredAsync(folder, "one", "two");
        await using (var host = await RunningHost.StartAsync(folder))
        {
            Assert.EndsWith("(4 earlier messages)", await host.Api.AskAsync("ada", "three"), StringComparison.Ordinal);
            await host.StopAsync();
        }

        await CheckStoredAsync(folder, "one", "two", "three");
        var history = Assert.Single(Directory.GetFiles(folder["data/files/history"], "ada*.jsonl"));
        var lines = await File.ReadAllLinesAsync(history);
        lines[1] = "{ \"run\": \"no";
        await File.WriteAllLinesAsync(history, lines);
        await using var damaged = await RunningHost.StartAsync(folder);
        Assert.EndsWith("(4 earlier messages)", await damaged.Api.AskAsync("ada", "four"), StringComparison.Ordinal);
        Assert.Equal(["one", "three", "four"], (await damaged.Api.MessagesAsync("ada")).Where(m => m.Role == "user").Select(m => m.Text));
        Assert.Equal(lines[1], (await File.ReadAllTextAsync(history + ".corrupt")).TrimEnd());
        Assert.Equal(lines, (await File.ReadAllLinesAsync(history)).Take(3));
    }

    [Fact]
    public async Task A_damaged_database_is_told_of_and_kept_and_set_aside_only_when_the_operator_says_so()
    {
        using var folder = WorkFolder.Shipped();
        await using (var host = await RunningHost.StartAsync(folder))
        {
            await host.Api.RunAsync("ada", "one");
            await host.StopAsync();
        }

        var damaged = Damage(Database(folder));
        await using (var host = await RunningHost.StartAsync(folder))
        {
            await CheckTroubleAsync(host, "is damaged");
            await host.KillAsync();
        }

        // It was met, so the next start looks at all of it.
        StartupRefusal.Check(await RunningHost.RunAsync(folder, []), Database(folder), "is damaged", ".recover", "OnDamage");
        Assert.Equal(damaged, await File.ReadAllBytesAsync(Database(folder)));

        await using var anew = await RunningHost.StartAsync(folder, ("Plugins__sqlite-sessions__OnDamage", "set-aside"));
        await CheckHealedAsync(anew, "ada", "two");
        var aside = Assert.Single(Directory.GetFiles(folder["data"], "sessions.db.damaged-*"), f => !f.EndsWith("-wal", StringComparison.Ordinal) && !f.EndsWith("-shm", StringComparison.Ordinal));
        Assert.Equal(damaged, await File.ReadAllBytesAsync(aside));
        Assert.Contains(aside, anew.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await anew.Api.MessagesAsync("ada")).Count);
    }

    /// <summary>A run is refused with the cause, and the host is not ready for the same reason.</summary>
    private static async Task CheckTroubleAsync(RunningHost host, string cause)
    {
        var refused = await host.Api.PostAsync("/v1/sessions/ada/runs", new System.Text.Json.Nodes.JsonObject { ["input"] = "lost" }, HttpStatusCode.ServiceUnavailable);
        Assert.Equal("/problems/storage-unavailable", (string?)refused["type"]);
        Assert.Contains(cause, (string?)refused["detail"], StringComparison.Ordinal);

        var ready = await host.Api.GetAsync("/health/ready", HttpStatusCode.ServiceUnavailable);
        Assert.Equal("/problems/not-ready", (string?)ready["type"]);
        var error = Assert.Single(ready["errors"]!.AsArray())!;
        Assert.Matches("^(sqlite|file)-(history|sessions)$", (string)error["path"]!);
        Assert.Contains(cause, (string?)error["message"], StringComparison.Ordinal);
        await host.Api.GetAsync("/health/live");
    }

    private static async Task CheckHealedAsync(RunningHost host, string session, string input)
    {
        // What was found holds for a second.
        using var limit = new CancellationTokenSource(ChildProcess.Patience);
        while (true)
        {
            using var ready = await host.Api.Http.GetAsync(new Uri("/health/ready", UriKind.Relative), limit.Token);
            if (ready.StatusCode == HttpStatusCode.OK) break;
        }

        Assert.Equal("completed", (string?)(await host.Api.RunAsync(session, input))["status"]);
    }

    private static async Task CheckStoredAsync(WorkFolder folder, params IEnumerable<string> inputs)
    {
        await using var restarted = await RunningHost.StartAsync(folder);
        Assert.Equal(inputs, (await restarted.Api.MessagesAsync("ada")).Where(m => m.Role == "user").Select(m => m.Text));
        Assert.Equal(inputs.Count(), (await restarted.Api.RunsAsync("ada")).Count);
    }

    /// <summary>Everything but the first page, which holds the header and the schema.</summary>
    private static byte[] Damage(string database)
    {
        var bytes = File.ReadAllBytes(database);
        bytes.AsSpan(4096).Fill(0x5A);
        File.WriteAllBytes(database, bytes);
        return bytes;
    }

    private static async Task LimitFileSizeAsync(RunningHost host, string limit)
    {
        using var prlimit = Process.Start("prlimit", ["--pid", $"{host.Id}", $"--fsize={limit}"]);
        await prlimit.WaitForExitAsync();
        Assert.Equal(0, prlimit.ExitCode);
    }

    private static void Ask(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
