using System.IO.Compression;
using System.Net;
using System.Text;

namespace PluginHost.EndToEnd;

/// <summary>Everything that a host stores can be copied while it serves, and put back after everything is lost.</summary>
public sealed class BackupTests
{
    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task A_backup_of_a_serving_host_brings_everything_back(string store)
    {
        using var folder = Configurations.CreateFolder(store);
        var backup = folder["backup.zip"];
        await using (var host = await RunningHost.StartAsync(folder))
        {
            await host.Api.AskAsync("s", "first");
            await host.Api.AskAsync("s", "second");
            // Runs continue while the copy is made.
            var runs = Task.WhenAll(Enumerable.Range(0, 20).Select(i => host.Api.AskAsync($"other{i}", "hi")));
            var made = await RunningHost.RunAsync(folder, ["backup", backup, "--url", host.Address]);
            await runs;
            Assert.True(made.Code == 0, made.Errors);
            Assert.Contains("Written and checked", made.Output, StringComparison.Ordinal);
            if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(backup));
            Assert.Contains("exists", (await RunningHost.RunAsync(folder, ["backup", backup])).Errors, StringComparison.Ordinal);
            Assert.Contains("Stop that host", (await RunningHost.RunAsync(folder, ["restore", backup, "--replace"])).Errors, StringComparison.Ordinal);
            await host.Api.AskAsync("s", "after the backup");
            await host.KillAsync();
        }

        var refused = await RunningHost.RunAsync(folder, ["restore", backup]);
        Assert.Equal(1, refused.Code);
        Assert.Contains("--replace", refused.Errors, StringComparison.Ordinal);
        // The killed host has left its log beside the database.
        var restored = await RunningHost.RunAsync(folder, ["restore", backup, "--replace"]);
        Assert.True(restored.Code == 0, restored.Errors);
        Assert.Contains(Directory.EnumerateFileSystemEntries(folder["data"]), e => e.Contains(".replaced-", StringComparison.Ordinal));
        await using var again = await RunningHost.StartAsync(folder);
        Assert.Equal("Echo: third (4 earlier messages)", await again.Api.AskAsync("s", "third"));
        await again.StopAsync();
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("files")]
    public async Task A_stopped_host_is_backed_up_and_restored_into_an_empty_folder(string store)
    {
        using var folder = Configurations.CreateFolder(store);
        var backup = folder["backup.zip"];
        await using (var host = await RunningHost.StartAsync(folder))
        {
            await host.Api.AskAsync("s", "first");
            var running = await RunningHost.RunAsync(folder, ["backup", folder["other.zip"]]);
            Assert.Equal(1, running.Code);
            Assert.Contains("Stop that host", running.Errors, StringComparison.Ordinal);
            await host.StopAsync();
        }

        var made = await RunningHost.RunAsync(folder, ["backup", backup]);
        Assert.True(made.Code == 0, made.Errors);
        Directory.Delete(folder["data"], recursive: true);
        var restored = await RunningHost.RunAsync(folder, ["restore", backup]);
        Assert.True(restored.Code == 0, restored.Errors);

        await using var again = await RunningHost.StartAsync(folder);
        Assert.Equal("Echo: second (2 earlier messages)", await again.Api.AskAsync("s", "second"));
        await again.StopAsync();
    }

    [Fact]
    public async Task A_damaged_or_incomplete_backup_changes_nothing()
    {
        using var folder = Configurations.CreateFolder("sqlite");
        var backup = folder["backup.zip"];
        await using (var host = await RunningHost.StartAsync(folder))
        {
            await host.Api.AskAsync("s", "first");
            await host.StopAsync();
        }

        Assert.Equal(0, (await RunningHost.RunAsync(folder, ["backup", backup])).Code);
        var before = await File.ReadAllBytesAsync(folder["data/sessions.db"]);
        var bytes = await File.ReadAllBytesAsync(backup);
        await File.WriteAllBytesAsync(folder["short.zip"], bytes[..(bytes.Length / 2)]);
        // A block, because a single changed byte may mean the same, like the time in an entry's header (BackupArchiveTests changes each alone).
        foreach (ref var changed in bytes.AsSpan(bytes.Length / 3, 64)) changed ^= 0xff;
        await File.WriteAllBytesAsync(folder["changed.zip"], bytes);
        await File.WriteAllBytesAsync(folder["text.zip"], Encoding.UTF8.GetBytes("no archive"));

        WriteManifest(folder["crafted.zip"], """{ "format": 1, "host": "1", "created_at": "2026-01-01T00:00:00Z", "stores": [ { "folder": "../../etc", "plugin": "sqlite-history", "resource": "x", "counts": {}, "files": [] } ] }""");
        WriteManifest(folder["empty.zip"], """{ "format": 1, "host": "1", "created_at": "2026-01-01T00:00:00Z", "stores": [ {} ] }""");

        foreach (var name in new[] { "short.zip", "changed.zip", "text.zip", "crafted.zip", "empty.zip" })
        {
            var (code, _, errors) = await RunningHost.RunAsync(folder, ["restore", folder[name], "--replace"]);
            Assert.Equal(1, code);
            Assert.Contains("is not a complete backup", errors, StringComparison.Ordinal);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(folder["data/sessions.db"]));
    }

    [Fact]
    public async Task A_backup_without_any_data_is_an_error()
    {
        using var folder = Configurations.CreateFolder("sqlite");

        var (code, _, errors) = await RunningHost.RunAsync(folder, ["backup", folder["backup.zip"]]);

        Assert.Equal(1, code);
        Assert.Contains("There is no data in", errors, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["backup.zip"]));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path, "*.part*"));
    }

    private static void WriteManifest(string file, string manifest)
    {
        using var archive = ZipFile.Open(file, ZipArchiveMode.Create);
        using var entry = archive.CreateEntry("manifest.json").Open();
        entry.Write(Encoding.UTF8.GetBytes(manifest));
    }

    [Fact]
    public async Task Sessions_in_memory_are_not_backed_up_and_the_call_says_so()
    {
        using var folder = WorkFolder.Create("""{ "Agents": { "a": {} } }""");
        await using var host = await RunningHost.StartAsync(folder);

        var refused = await host.Api.PostAsync("/v1/backup", expected: HttpStatusCode.Conflict);

        Assert.EndsWith("backup-refused", (string)refused["type"]!, StringComparison.Ordinal);
        Assert.Contains("in memory", (string)refused["detail"]!, StringComparison.Ordinal);
        Assert.Equal("idle", (string)(await host.Api.GetAsync("/v1/backup"))["status"]!);
    }
}
