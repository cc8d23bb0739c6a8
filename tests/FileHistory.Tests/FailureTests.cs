using System.Runtime.Versioning;
using System.Text.RegularExpressions;

namespace PluginHost.Files.Tests;

public sealed partial class FailureTests : FileTestBase
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failed_append_stores_nothing_and_can_be_retried_after_the_cause_is_removed(bool full)
    {
        var disk = new FailingFileWriter();
        var history = OpenHistory(disk);
        await history.AppendAsync(Append("r1"), None);
        var before = await File.ReadAllBytesAsync(HistoryFile());

        (disk.IsFull, disk.CannotFlush) = (full, !full);
        foreach (var append in new[] { Append("r2"), Append("r1", new SessionKey("default", "new")) })
        {
            var error = await Assert.ThrowsAsync<StorageException>(() => history.AppendAsync(append, None).AsTask());
            Assert.Contains(FilesPath, error.Message, StringComparison.Ordinal);
            Assert.Contains(full ? "No space left" : "Input/output error", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, await File.ReadAllBytesAsync(HistoryFile()));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(FilesPath, "history")));
        Assert.Equal("r1.in r1.out", await IdsAsync(history));
        (disk.IsFull, disk.CannotFlush) = (false, false);
        await history.AppendAsync(Append("r2"), None);
        Assert.Equal("r1.in r1.out r2.in r2.out", await IdsAsync(history));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_failed_save_stores_nothing_and_can_be_retried_after_the_cause_is_removed(bool full)
    {
        var disk = new FailingFileWriter();
        var sessions = OpenSessions(disk);
        await sessions.SaveAsync(Save(1, Run("r1")), None);
        var before = (await File.ReadAllBytesAsync(SessionFile()), await File.ReadAllBytesAsync(RunsFile()));

        (disk.IsFull, disk.CannotFlush) = (full, !full);
        await Assert.ThrowsAsync<StorageException>(() => sessions.SaveAsync(Save(2, Run("r2")), None).AsTask());
        await Assert.ThrowsAsync<StorageException>(() => sessions.SaveAsync(Save(2), None).AsTask());

        Assert.Equal(before.Item1, await File.ReadAllBytesAsync(SessionFile()));
        Assert.Equal(before.Item2, await File.ReadAllBytesAsync(RunsFile()));
        Assert.Equal(2, Directory.EnumerateFiles(Path.Combine(FilesPath, "sessions")).Count());
        (disk.IsFull, disk.CannotFlush) = (false, false);
        await sessions.SaveAsync(Save(2, Run("r2")), None);
        Assert.Equal(2, (await sessions.FindRunsAsync(new RunQuery { Tenant = "default", SessionId = "s1" }, None)).Items.Count);
    }

    [Fact]
    public async Task The_newest_appends_are_taken_back_on_a_full_disk_and_are_not_repeated()
    {
        var disk = new FailingFileWriter();
        var history = OpenHistory(disk);
        await history.AppendAsync(Append("r1"), None);
        await history.AppendAsync(Append("r2", text: "secret"), None);
        await history.AppendAsync(Append("r3", text: "secret") with { RunId = null }, None);

        disk.IsFull = true;
        Assert.Equal(4, await history.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = ["r2.in", "r2.out", "r3.in", "r3.out"] }, None));
        await Assert.ThrowsAsync<StorageException>(() => history.DeleteAsync(new HistoryDeletion { Session = Session, MessageIds = ["r1.in"] }, None).AsTask());

        Assert.False(Folder.Contains("secret"));
        disk.IsFull = false;
        await history.AppendAsync(Append("r2", text: "secret"), None);
        await history.AppendAsync(Append("r4"), None);
        Assert.Equal("r1.in r1.out r4.in r4.out", await IdsAsync(history));
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task Only_the_hosts_user_can_read_what_is_stored_and_a_wider_folder_is_logged()
    {
        var disk = new FailingFileWriter();
        var (history, sessions) = (OpenHistory(disk), OpenSessions(disk));
        await history.AppendAsync(Append("r1"), None);
        await sessions.SaveAsync(Save(1, Run("r1")), None);

        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        var entries = Directory.GetFileSystemEntries(FilesPath, "*", SearchOption.AllDirectories).Append(FilesPath).ToList();
        Assert.True(entries.Count >= 8);
        foreach (var entry in entries) Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(entry) & others);
        Assert.Contains(Folder.Store, disk.FlushedFolders);
        await CloseAsync();
        File.SetUnixFileMode(FilesPath, File.GetUnixFileMode(FilesPath) | UnixFileMode.OtherRead);
        await OpenHistory().AcquireAsync(None);
        Assert.Contains(Logs, e => e.Message.Contains($"chmod 700 '{FilesPath}'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missing_folder_is_an_error_and_not_an_empty_history_and_is_used_again_when_restored()
    {
        var history = OpenHistory();
        var sessions = OpenSessions();
        await history.AppendAsync(Append("r1"), None);
        await sessions.SaveAsync(Save(1, Run("r1")), None);
        var elsewhere = FilesPath + ".moved";
        Directory.Move(FilesPath, elsewhere);

        for (var i = 0; i < 2; i++)
        {
            var error = await Assert.ThrowsAsync<StorageException>(() => history.LoadAsync(new HistoryQuery { Session = Session, Limit = 50 }, None).AsTask());
            Assert.Contains($"'{FilesPath}' or one of its subfolders is missing", error.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<StorageException>(() => history.AppendAsync(Append("r2"), None).AsTask());
            await Assert.ThrowsAsync<StorageException>(() => sessions.SaveAsync(Save(2), None).AsTask());
            Assert.False(Directory.Exists(FilesPath));
        }

        Directory.Move(elsewhere, FilesPath);
        await history.AppendAsync(Append("r2"), None);
        await sessions.SaveAsync(Save(2), None);
        Assert.Equal("r1.in r1.out r2.in r2.out", await IdsAsync(history));
    }

    [Fact]
    public async Task A_second_owner_of_a_folder_is_refused_and_the_error_names_the_first()
    {
        await OpenHistory().AcquireAsync(None);
        await using var second = new TestPluginContext("file-history", Folder.Store);
        var store = new FileSessions(new FileSessionsOptions("files"), second);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => store.AcquireAsync(None).AsTask());

        Assert.Contains($"process {Environment.ProcessId} on {Environment.MachineName}", error.Message, StringComparison.Ordinal);
        Assert.Contains(FilesPath, error.Message, StringComparison.Ordinal);
        await CloseAsync();
        await store.AcquireAsync(None);
    }

    [Fact]
    public async Task A_folder_is_handed_to_another_version_of_the_plugin_and_back()
    {
        await using var next = new TestPluginContext("file-history", Folder.Store);
        var (old, other) = (OpenHistory(), new FileHistory(new FileHistoryOptions("files"), next));
        await old.AcquireAsync(None);
        await old.AppendAsync(Append("r1"), None);

        await old.ReleaseAsync(None);
        await other.AcquireAsync(None);
        await other.AppendAsync(Append("r2"), None);
        await Assert.ThrowsAsync<StorageException>(() => old.LoadAsync(new HistoryQuery { Session = Session, Limit = 50, Order = ListOrder.Descending }, None).AsTask());
        await other.ReleaseAsync(None);
        await old.AcquireAsync(None);

        Assert.Equal("r1.in r1.out r2.in r2.out", await IdsAsync(old));
    }

    [UnixTheory]
    [InlineData(".lock")]
    [InlineData(".owner")]
    [UnsupportedOSPlatform("windows")]
    public async Task A_lock_file_that_is_a_link_is_refused_and_what_it_leads_to_stays_as_it_is(string file)
    {
        Directory.CreateDirectory(FilesPath);
        var precious = Path.Combine(FilesPath, "precious");
        await File.WriteAllTextAsync(precious, "precious");
        File.CreateSymbolicLink(Path.Combine(FilesPath, file), precious);

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => OpenHistory().AcquireAsync(None).AsTask());

        Assert.Contains(Path.Combine(FilesPath, file), refusal.Message, StringComparison.Ordinal);
        Assert.Equal("precious", await File.ReadAllTextAsync(precious));
    }

    [Fact]
    public async Task Histories_and_sessions_of_one_host_share_a_folder()
    {
        var (first, second, sessions) = (OpenHistory(), OpenHistory(), OpenSessions());

        await first.AppendAsync(Append("r1"), None);
        await second.AppendAsync(Append("r1"), None);
        await sessions.SaveAsync(Save(1), None);

        Assert.Equal("r1.in r1.out", await IdsAsync(first));
        Assert.Equal("r1.out", await IdsAsync(second, limit: 1));
    }

    [Fact]
    public async Task Flushes_of_different_sessions_overlap()
    {
        const int sessions = 16;
        using var all = new CountdownEvent(sessions);
        var overlapping = 0;
        var disk = new FailingFileWriter
        {
            BeforeFlush = () =>
            {
                all.Signal();
                if (all.Wait(TimeSpan.FromSeconds(30))) Interlocked.Increment(ref overlapping);
            },
        };
        var history = OpenHistory(disk);

        await Task.WhenAll(Enumerable.Range(0, sessions).Select(i => history.AppendAsync(Append("r1", new SessionKey("default", $"s{i}")), None).AsTask()));

        Assert.Equal(sessions, overlapping);
    }

    [Fact]
    public async Task A_slow_flush_does_not_delay_other_sessions()
    {
        using var slow = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var disk = new FailingFileWriter();
        var history = OpenHistory(disk);
        await history.AppendAsync(Append("r1"), None);
        disk.BeforeFlush = () =>
        {
            disk.BeforeFlush = null;
            begun.SetResult();
            slow.Wait(TimeSpan.FromSeconds(30));
        };
        var waiting = history.AppendAsync(Append("r2"), None).AsTask();
        await begun.Task;

        var other = new SessionKey("default", "other");
        await history.AppendAsync(Append("r1", other), None);
        Assert.Equal("r1.in r1.out", await IdsAsync(history, other));
        Assert.False(waiting.IsCompleted);
        slow.Set();
        await waiting;
        Assert.Equal("r1.in r1.out r2.in r2.out", await IdsAsync(history));
    }

    [Fact]
    public async Task Health_reports_a_failure_until_the_disk_is_writable_again()
    {
        var disk = new FailingFileWriter();
        var (history, sessions) = (OpenHistory(disk), OpenSessions());
        await history.AppendAsync(Append("r1"), None);
        Assert.Equal(PluginHealth.Healthy, await history.CheckHealthAsync(None));

        disk.IsFull = true;
        Assert.Equal(PluginHealth.Healthy, await history.CheckHealthAsync(None));
        await Assert.ThrowsAsync<StorageException>(() => history.AppendAsync(Append("r2"), None).AsTask());
        foreach (var plugin in (IPluginHealth[])[history, sessions])
            Assert.Contains("No space left", (await plugin.CheckHealthAsync(None)).Text, StringComparison.Ordinal);

        disk.IsFull = false;
        Assert.Equal(PluginHealth.Healthy, await sessions.CheckHealthAsync(None));
        Assert.Equal(PluginHealth.Healthy, await history.CheckHealthAsync(None));
        Assert.Equal([HistoryFile()], Directory.EnumerateFiles(FilesPath, "*", SearchOption.AllDirectories).Where(f => !Path.GetFileName(f).StartsWith('.')));
    }

    [LinuxFact]
    [UnsupportedOSPlatform("windows")]
    public async Task No_file_stays_open_after_an_append_or_load()
    {
        var (history, sessions) = (OpenHistory(), OpenSessions());
        for (var i = 0; i < 50; i++)
        {
            await history.AppendAsync(Append("r1", new SessionKey("default", $"s{i}")), None);
            await IdsAsync(history, new SessionKey("default", $"s{i}"));
        }

        await sessions.SaveAsync(Save(1, Run("r1")), None);
        await history.DeleteAsync(new HistoryDeletion { Session = new SessionKey("default", "s1"), MessageIds = ["r1.in"] }, None);

        var open = Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(f => new FileInfo(f).LinkTarget).Where(t => t?.StartsWith(FilesPath, StringComparison.Ordinal) == true);
        Assert.Equal([Path.Combine(FilesPath, ".lock")], open);
    }

    [Fact]
    public async Task File_names_are_safe_on_every_file_system()
    {
        var history = OpenHistory();
        foreach (var id in HostileIds.All) await history.AppendAsync(Append("r1", new SessionKey("Ten/ant", id)), None);

        var names = Directory.EnumerateFiles(Path.Combine(FilesPath, "history")).Select(Path.GetFileName).ToList();

        Assert.All(names, n => Assert.Matches(SafeName(), n!));
        Assert.Equal(HostileIds.All.Count, names.Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [GeneratedRegex(@"^[a-z0-9_-]{1,40}-[0-9a-f]{32}\.jsonl$")]
    private static partial Regex SafeName();
}
