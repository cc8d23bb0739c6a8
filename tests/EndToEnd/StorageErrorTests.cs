using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Runtime.Versioning;
using Microsoft.Data.Sqlite;

namespace PluginHost.EndToEnd;

/// <summary>Storage errors under a running host. It reports the cause and the remedy, and recovers without a restart.</summary>
public sealed class StorageErrorTests
{
    // Root can write to read-only files.
    private static readonly string[] Unprivileged =
        Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] : [];

    private static string GetDatabase(WorkFolder folder) => folder["data/sessions.db"];

    [LinuxTheory]
    [InlineData("sqlite")]
    [InlineData("files")]
    [UnsupportedOSPlatform("windows")]
    public async Task A_full_disk_is_reported_to_callers_and_no_acknowledged_run_is_lost(string store)
    {
        using var folder = Configurations.CreateFolder(store);
        // A full disk sends no signal. The file size limit that simulates it sends SIGXFSZ, which would end the host.
        await using (var host = await RunningHost.StartAsync(folder, launcher: ["env", "--ignore-signal=XFSZ"]))
        {
            await host.Api.RunAsync("ada", "one");
            await LimitFileSizeAsync(host, "1:unlimited");
            await CheckErrorAsync(host, folder, NameOf(store));
            Assert.Equal(2, (await host.Api.ListMessagesAsync("ada")).Count);

            await LimitFileSizeAsync(host, "unlimited:unlimited");
            await CheckRecoveryAsync(host, "ada", "two");
            await host.StopAsync();
        }

        await CheckStoredAsync(folder, "one", "two");
    }

    [UnixTheory]
    [InlineData("sqlite")]
    [InlineData("files")]
    [UnsupportedOSPlatform("windows")]
    public async Task A_missing_folder_is_reported_to_callers_and_used_again_when_it_returns(string store)
    {
        using var folder = Configurations.CreateFolder(store);
        await using (var host = await RunningHost.StartAsync(folder))
        {
            await host.Api.RunAsync("ada", "one");
            Directory.Move(folder["data"], folder["elsewhere"]);
            await CheckErrorAsync(host, folder, NameOf(store));
            Assert.False(Directory.Exists(folder["data"]));

            Directory.Move(folder["elsewhere"], folder["data"]);
            await CheckRecoveryAsync(host, "ada", "two");
            await host.StopAsync();
        }

        await CheckStoredAsync(folder, "one", "two");
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_file_that_never_answers_times_out_shows_in_readiness_and_does_not_hold_up_the_shutdown()
    {
        using var folder = WorkFolder.Create(Configurations.Files.Replace("\"file-sessions\",", "\"file-sessions\", \"Host\": { \"Timeout\": \"1s\" },", StringComparison.Ordinal));
        await using var host = await RunningHost.StartAsync(folder, ("Server__ShutdownTimeout", "2s"));
        await host.Api.RunAsync("ada", "one");
        foreach (var file in Directory.GetFiles(folder["data/files/sessions"], "ada*"))
        {
            File.Delete(file);
            using var mkfifo = Process.Start("mkfifo", [file]);
            await mkfifo.WaitForExitAsync();
        }

        // The record is in memory until a save does not end: whether that one is stored is not known.
        Assert.Equal(HttpStatusCode.InternalServerError, await PostRunAsync(host, "lost"));
        await host.Api.GetAsync("/v1/sessions/ada", HttpStatusCode.ServiceUnavailable);
        var runs = await Task.WhenAll(PostRunAsync(host, "two"), PostRunAsync(host, "three"));
        await host.Api.GetAsync("/health/live");
        var since = Stopwatch.StartNew();
        host.Terminate();

        Assert.All(runs, status => Assert.Equal(HttpStatusCode.ServiceUnavailable, status));
        Assert.Equal(0, await host.ExitAsync());
        Assert.InRange(since.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(15));
        Assert.Contains("'file-sessions' failed while a session was", host.Transcript, StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> PostRunAsync(RunningHost host, string input)
    {
        using var response = await host.Api.Http.PostAsJsonAsync("/v1/sessions/ada/runs", new { input });
        return response.StatusCode;
    }

    [Fact]
    public async Task A_database_locked_by_another_program_is_reported_to_callers_and_used_again_after_the_unlock()
    {
        using var folder = WorkFolder.CreateShipped();
        await using (var host = await RunningHost.StartAsync(folder))
        {
            await host.Api.RunAsync("ada", "one");
            await using (var other = new SqliteConnection($"Data Source={GetDatabase(folder)};Pooling=False"))
            {
                other.Open();
                Execute(other, "BEGIN IMMEDIATE");
                await CheckErrorAsync(host, folder, "locked by another program");
                Execute(other, "ROLLBACK");
            }

            await CheckRecoveryAsync(host, "ada", "two");
            await host.StopAsync();
        }

        await CheckStoredAsync(folder, "one", "two");
    }

    [LinuxTheory]
    [InlineData("data/sessions.db", "is read-only")]
    [InlineData("data/sessions.db.lock", "cannot be opened")]
    [UnsupportedOSPlatform("windows")]
    public async Task A_host_does_not_start_while_its_database_is_not_writable(string file, string cause)
    {
        using var folder = WorkFolder.CreateShipped();
        await using (var host = await RunningHost.StartAsync(folder))
        {
            await host.Api.RunAsync("ada", "one");
            // Leaves a write-ahead log beside the database.
            await host.KillAsync();
        }

        var before = File.GetUnixFileMode(folder[file]);
        File.SetUnixFileMode(folder[file], UnixFileMode.UserRead);
        StartupFailure.Check(await RunningHost.RunAsync(folder, Unprivileged, []), GetDatabase(folder), cause, "write access");

        File.SetUnixFileMode(folder[file], before);
        await CheckStoredAsync(folder, "one");
    }

    [LinuxFact]
    [UnsupportedOSPlatform("windows")]
    public async Task Files_that_are_not_writable_are_reported_to_callers_and_used_again_when_they_are_writable()
    {
        using var folder = Configurations.CreateFolder("files");
        await using (var host = await RunningHost.StartAsync(folder, Unprivileged))
        {
            await host.Api.RunAsync("ada", "one");
            var modes = Directory.GetFileSystemEntries(folder["data"], "*", SearchOption.AllDirectories).ToDictionary(f => f, File.GetUnixFileMode);
            foreach (var (path, mode) in modes) File.SetUnixFileMode(path, mode & ~UnixFileMode.UserWrite);
            await CheckErrorAsync(host, folder, NameOf("files"));
            Assert.Equal(2, (await host.Api.ListMessagesAsync("ada")).Count);

            foreach (var (path, mode) in modes) File.SetUnixFileMode(path, mode);
            await CheckRecoveryAsync(host, "ada", "two");
            await host.StopAsync();
        }

        await CheckStoredAsync(folder, "one", "two");
    }

    [Fact]
    public async Task A_torn_last_line_is_removed_and_an_unreadable_line_is_copied_to_another_file_and_skipped()
    {
        using var folder = Configurations.CreateFolder("files");
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
        Assert.Equal(["one", "three", "four"], (await damaged.Api.ListMessagesAsync("ada")).Where(m => m.Role == "user").Select(m => m.Text));
        Assert.Equal(lines[1], (await File.ReadAllTextAsync(history + ".corrupt")).TrimEnd());
        Assert.Equal(lines, (await File.ReadAllLinesAsync(history)).Take(3));
    }

    [Fact]
    public async Task A_damaged_database_is_reported_and_kept_and_replaced_only_when_OnDamage_allows_it()
    {
        using var folder = WorkFolder.CreateShipped();
        await using (var host = await RunningHost.StartAsync(folder))
        {
            await host.Api.RunAsync("ada", "one");
            await host.StopAsync();
        }

        var damaged = Damage(GetDatabase(folder));
        await using (var host = await RunningHost.StartAsync(folder))
        {
            await CheckErrorAsync(host, folder, "is damaged");
            await host.KillAsync();
        }

        // The first host found the damage, so the next start checks the whole file.
        StartupFailure.Check(await RunningHost.RunAsync(folder, []), GetDatabase(folder), "is damaged", ".recover", "OnDamage");
        Assert.Equal(damaged, await File.ReadAllBytesAsync(GetDatabase(folder)));

        await using var restarted = await RunningHost.StartAsync(folder, ("Plugins__sqlite-sessions__OnDamage", "set-aside"));
        await CheckRecoveryAsync(restarted, "ada", "two");
        var aside = Assert.Single(Directory.GetFiles(folder["data"], "sessions.db.damaged-*"), f => !f.EndsWith("-wal", StringComparison.Ordinal) && !f.EndsWith("-shm", StringComparison.Ordinal));
        Assert.Equal(damaged, await File.ReadAllBytesAsync(aside));
        Assert.Contains(aside, restarted.Output, StringComparison.Ordinal);
        Assert.Equal(2, (await restarted.Api.ListMessagesAsync("ada")).Count);
    }

    /// <summary>What callers see of the place of a store.</summary>
    private static string NameOf(string store) => store == "sqlite" ? "'sessions.db'" : "'files'";

    /// <summary>Callers, and everyone who asks for readiness, see the cause without the place on the disk. The log has both.</summary>
    private static async Task CheckErrorAsync(RunningHost host, WorkFolder folder, string cause)
    {
        var rejected = await host.Api.PostAsync("/v1/sessions/ada/runs", new System.Text.Json.Nodes.JsonObject { ["input"] = "lost" }, HttpStatusCode.ServiceUnavailable);
        Assert.Equal("/problems/storage-unavailable", (string?)rejected["type"]);
        Assert.Contains(cause, (string?)rejected["detail"], StringComparison.Ordinal);

        var ready = await host.Api.GetAsync("/health/ready", HttpStatusCode.ServiceUnavailable);
        Assert.Equal("/problems/not-ready", (string?)ready["type"]);
        var error = Assert.Single(ready["errors"]!.AsArray())!;
        Assert.Matches("^(sqlite|file)-(history|sessions)$", (string)error["path"]!);
        Assert.Contains(cause, (string?)error["message"], StringComparison.Ordinal);
        Assert.DoesNotContain(folder.Path, rejected.ToJsonString() + ready.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(folder["data"], host.Transcript, StringComparison.Ordinal);
        await host.Api.GetAsync("/health/live");
        // A run that had begun is in no store, and its trace says why.
        if (rejected["run_id"] is { } run) Assert.Equal("ada", (string?)(await host.Api.GetAsync($"/v1/traces/{run}"))["session_id"]);
    }

    private static async Task CheckRecoveryAsync(RunningHost host, string session, string input)
    {
        // The host caches a health result for one second.
        using var limit = new CancellationTokenSource(ChildProcess.TimeLimit);
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
        Assert.Equal(inputs, (await restarted.Api.ListMessagesAsync("ada")).Where(m => m.Role == "user").Select(m => m.Text));
        Assert.Equal(inputs.Count(), (await restarted.Api.ListRunsAsync("ada")).Count);
    }

    /// <summary>Overwrites the first page of each table and index. The header and the schema stay readable.</summary>
    private static byte[] Damage(string database)
    {
        const int pageSize = 4096;
        var pages = new List<int>();
        using (var connection = new SqliteConnection($"Data Source={database};Mode=ReadOnly;Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "SELECT rootpage FROM sqlite_schema WHERE rootpage > 0";
            using var rows = command.ExecuteReader();
            while (rows.Read()) pages.Add(rows.GetInt32(0));
        }

        var bytes = File.ReadAllBytes(database);
        foreach (var page in pages) bytes.AsSpan((page - 1) * pageSize, pageSize).Fill(0x5A);
        File.WriteAllBytes(database, bytes);
        return bytes;
    }

    private static async Task LimitFileSizeAsync(RunningHost host, string limit)
    {
        using var prlimit = Process.Start("prlimit", ["--pid", $"{host.Id}", $"--fsize={limit}"]);
        await prlimit.WaitForExitAsync();
        Assert.Equal(0, prlimit.ExitCode);
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
