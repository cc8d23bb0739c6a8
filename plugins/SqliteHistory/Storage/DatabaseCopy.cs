using System.Diagnostics;
using Microsoft.Data.Sqlite;
using PluginHost.Sdk;
using static SQLitePCL.raw;

namespace PluginHost.Sqlite;

/// <summary>
/// Copies a database to a new file while it is in use, by SQLite's online backup on a separate connection. The connection keeps one
/// snapshot, because the backup starts again whenever another connection commits. Commits do not wait for it.
/// </summary>
/// <param name="path">The database.</param>
/// <param name="isErasing">Whether a deletion waits for the snapshot to end: the log must not keep deleted content.</param>
internal sealed class DatabaseCopy(string path, Func<bool> isErasing)
{
    private const int PagesPerStep = 128, MaxAttempts = 20;

    private static readonly TimeSpan ErasurePause = TimeSpan.FromMilliseconds(20);

    /// <summary>Writes the copy and checks it.</summary>
    /// <returns>The number of rows in each table.</returns>
    /// <exception cref="StorageException">Deletions kept interrupting the copy, or it is damaged.</exception>
    public async Task<IReadOnlyDictionary<string, long>> WriteAsync(string target, IProgress<double> progress, CancellationToken cancellationToken)
    {
        for (var attempt = 1; !await TryWriteAsync(target, progress, cancellationToken); attempt++)
        {
            if (attempt == MaxAttempts) throw new StorageException("Deletions of sessions kept interrupting the copy. Back up again when fewer sessions are deleted.");
            File.Delete(target);
            while (isErasing()) await Task.Delay(ErasurePause, TimeProvider.System, cancellationToken);
        }

        return Check(target);
    }

    /// <summary>Checks a database that no program uses, and makes it one file without a log.</summary>
    /// <returns>The number of rows in each table.</returns>
    /// <exception cref="StorageException">It is damaged, or not a database of this plugin.</exception>
    public static IReadOnlyDictionary<string, long> Check(string file)
    {
        try
        {
            using var connection = Open(file, SqliteOpenMode.ReadWrite);
            if (Query(connection, "PRAGMA integrity_check(1)") is not "ok") throw new StorageException($"The copy '{file}' is damaged.");
            if (Query(connection, "PRAGMA application_id") is not Schema.ApplicationId) throw new StorageException($"'{file}' is not a database of this plugin.");
            _ = Query(connection, "PRAGMA journal_mode=DELETE");
            return Count(connection);
        }
        catch (SqliteException e)
        {
            throw SqliteStoreException.From(e, file);
        }
    }

    /// <summary>Checks a copy like <see cref="Check"/>, and that this plugin can open it.</summary>
    /// <exception cref="StorageException">It is damaged, not a database of this plugin, or has a newer schema.</exception>
    public static IReadOnlyDictionary<string, long> CheckToRestore(string file)
    {
        var counts = Check(file);
        using var connection = Open(file, SqliteOpenMode.ReadOnly);
        if (Query(connection, "PRAGMA user_version") is long version && version > SchemaSteps.All.Count)
            throw new StorageException($"The backup has schema version {version}, but this plugin supports versions up to {SchemaSteps.All.Count}. Update the plugin.");
        return counts;
    }

    /// <returns>False when a deletion waits.</returns>
    private async Task<bool> TryWriteAsync(string target, IProgress<double> progress, CancellationToken cancellationToken)
    {
        PrivateFiles.Open(target, FileMode.CreateNew).Dispose();
        using var source = Open(path, SqliteOpenMode.ReadWrite);
        // The last connection that closes writes the log into the database.
        NativeFile.ClearGapsOnWrite(source);
        using var copy = Open(target, SqliteOpenMode.ReadWrite);
        using var snapshot = source.BeginTransaction(deferred: true);
        _ = Query(source, "SELECT count(*) FROM sqlite_master");
        var backup = sqlite3_backup_init(copy.Handle, "main", source.Handle, "main");
        if (backup.IsInvalid) SqliteException.ThrowExceptionForRC(sqlite3_errcode(copy.Handle), copy.Handle);
        try
        {
            while (true)
            {
                var started = Stopwatch.GetTimestamp();
                var result = sqlite3_backup_step(backup, PagesPerStep);
                if (result == SQLITE_DONE) return true;
                if (result != SQLITE_OK) SqliteException.ThrowExceptionForRC(result, copy.Handle);
                progress.Report(1 - ((double)sqlite3_backup_remaining(backup) / sqlite3_backup_pagecount(backup)));
                if (isErasing()) return false;
                // At most half of the time of a disk and a core, so that runs keep theirs.
                await Task.Delay(Stopwatch.GetElapsedTime(started) + TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken);
            }
        }
        catch (SqliteException e)
        {
            throw SqliteStoreException.From(e, path);
        }
        finally
        {
            _ = sqlite3_backup_finish(backup);
        }
    }

    private static Dictionary<string, long> Count(SqliteConnection connection)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        using var rows = command.ExecuteReader();
        while (rows.Read()) counts[rows.GetString(0)] = (long)Query(connection, $"SELECT count(*) FROM \"{rows.GetString(0)}\"")!;
        return counts;
    }

    private static object? Query(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private static SqliteConnection Open(string file, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Mode = mode, Pooling = false }.ConnectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
