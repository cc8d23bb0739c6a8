using Microsoft.Data.Sqlite;
namespace PluginHost.Sqlite.Tests;

public sealed class BackupTests : StoreTestBase
{
    [Fact]
    public async Task A_copy_that_is_made_while_runs_are_stored_is_one_state_of_the_database()
    {
        var (history, sessions) = (History(), Sessions());
        var stop = new CancellationTokenSource();
        var writing = Task.Run(async () =>
        {
            SessionRecord? last = null;
            for (var i = 1; !stop.IsCancellationRequested || i < 50; i++)
            {
                var save = Save(Session, i, last, $"r{i}", new CoveredAppend { History = history, Append = Run($"r{i}") });
                await sessions.SaveAsync(save, None);
                last = save.Session;
            }
        });
        while ((await FindAsync(sessions, Session))?.Version is null or < 20) await Task.Yield();

        var counts = await sessions.BackUpAsync(Folder.Store, new Progress<double>(), None);
        await stop.CancelAsync();
        await writing;

        using var copy = Connect(Path.Combine(Folder.Store, "database.db"));
        Assert.Equal("ok", QueryScalar(copy, "PRAGMA integrity_check"));
        Assert.Contains(counts.Values, v => v >= 20);
        Assert.False(File.Exists(Path.Combine(Folder.Store, "database.db-wal")));
    }

    [Fact]
    public async Task A_deletion_during_a_copy_succeeds_and_the_copy_starts_again_without_the_deleted_content()
    {
        var history = History();
        // More than one step copies.
        var text = new string('x', 20_000);
        for (var i = 0; i < 200; i++) await history.AppendAsync(Run($"r{i}") with { Messages = [Message($"r{i}.in", ChatRole.User, text) with { RunId = $"r{i}" }] }, None);
        await history.AppendAsync(Run("r", new SessionKey("default", "secret-session")), None);
        var deleted = new TaskCompletionSource();
        var progress = new Immediate(() =>
        {
            if (deleted.Task.IsCompleted) return;
            history.DeleteAsync(new HistoryDeletion { Session = new SessionKey("default", "secret-session") }, None).AsTask().ContinueWith(_ => deleted.TrySetResult(), TaskScheduler.Default);
            // The copy sees that a deletion waits.
            while (history.Database.ErasuresWaiting == 0 && !deleted.Task.IsCompleted) Thread.Yield();
        });

        await history.BackUpAsync(Folder.Store, progress, None);
        await deleted.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.DoesNotContain("secret-session", await File.ReadAllTextAsync(Path.Combine(Folder.Store, "database.db")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_that_is_left_beside_a_restored_database_is_set_aside()
    {
        var history = History();
        await history.AppendAsync(Run("r1"), None);
        await history.BackUpAsync(Folder.Store, new Progress<double>(), None);
        await CloseAsync();
        File.Delete(DatabasePath);
        await File.WriteAllTextAsync(DatabasePath + "-wal", "an old log");

        var fresh = History();
        var refused = await Assert.ThrowsAsync<StorageException>(() => fresh.RestoreAsync(Folder.Store, replace: false, None).AsTask());
        Assert.Contains("-wal", refused.Message, StringComparison.Ordinal);
        await fresh.RestoreAsync(Folder.Store, replace: true, None);

        Assert.Equal("r1.in r1.out", await LoadAsync(fresh));
        Assert.Contains(Directory.GetFiles(Path.GetDirectoryName(DatabasePath)!), f => f.EndsWith("-wal", StringComparison.Ordinal) && f.Contains(".replaced-", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_backup_of_a_newer_schema_is_refused_and_the_data_stays()
    {
        var history = History();
        await history.AppendAsync(Run("r1"), None);
        await history.BackUpAsync(Folder.Store, new Progress<double>(), None);
        await CloseAsync();
        using (var copy = new SqliteConnection($"Data Source={Path.Combine(Folder.Store, "database.db")};Pooling=False"))
        {
            copy.Open();
            using var command = copy.CreateCommand();
            command.CommandText = "PRAGMA user_version=1000";
            command.ExecuteNonQuery();
        }

        var fresh = History();
        var refused = await Assert.ThrowsAsync<StorageException>(() => fresh.RestoreAsync(Folder.Store, replace: true, None).AsTask());

        Assert.Contains("schema version 1000", refused.Message, StringComparison.Ordinal);
        Assert.Equal("r1.in r1.out", await LoadAsync(fresh));
    }

    private sealed class Immediate(Action report) : IProgress<double>
    {
        public void Report(double value) => report();
    }
}
