using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace PluginHost.Sqlite;

/// <summary>Keeps a copy of a database beside it before its schema changes, so that an older version of the plugin can be used again.</summary>
/// <param name="path">The database.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
/// <param name="freeSpaceOf">The free bytes of a folder's disk.</param>
internal sealed class MigrationCopy(string path, TimeProvider time, ILogger logger, Func<string, long>? freeSpaceOf = null)
{
    private const long Megabyte = 1024 * 1024;

    /// <summary>Migrates a database to the newest version, after a copy of it when it has content.</summary>
    /// <returns>The previous version.</returns>
    /// <exception cref="SqliteStoreException">The database is newer, another program created it, or there is no space for the copy.</exception>
    public long Migrate(PreparedConnection connection, IReadOnlyList<string> steps)
    {
        var copy = connection.QueryNumber("PRAGMA user_version") is { } version and > 0 && version < steps.Count ? Write(connection, version, steps.Count) : null;
        try
        {
            return Schema.Migrate(connection, path, steps);
        }
        catch
        {
            // The database is as it was, and each start would leave another copy.
            if (copy is not null) File.Delete(copy);
            throw;
        }
    }

    /// <returns>The copy; null for the database of another program, which is refused next.</returns>
    private string? Write(PreparedConnection connection, long from, int to)
    {
        if (connection.QueryNumber("PRAGMA application_id") != Schema.ApplicationId) return null;
        // Of processes that ended meanwhile: nothing else deletes these, and they hold conversations.
        foreach (var left in Directory.GetFiles(Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileName(path) + ".version-*.unfinished*")) File.Delete(left);
        CheckSpace(connection, from, to);
        Log.Migrating(logger, path, GetSize(connection) / Megabyte, from, to);
        var name = $"{path}.version-{from}-{time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss.fff'Z'", CultureInfo.InvariantCulture)}";
        var unfinished = name + ".unfinished";
        try
        {
            PrivateFiles.Open(unfinished, FileMode.CreateNew).Dispose();
            using (var target = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = unfinished, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString))
            {
                target.Open();
                connection.Connection.BackupDatabase(target);
            }

            DatabaseCopy.Check(unfinished);
            File.Move(unfinished, name);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }

        Log.KeptBeforeMigration(logger, path, from, name);
        return name;
    }

    private static long GetSize(PreparedConnection connection) =>
        (connection.QueryNumber("PRAGMA page_count") ?? 0) * (connection.QueryNumber("PRAGMA page_size") ?? 0);

    private void CheckSpace(PreparedConnection connection, long from, int to)
    {
        var size = GetSize(connection);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var free = freeSpaceOf is null ? new DriveInfo(folder).AvailableFreeSpace : freeSpaceOf(folder);
        // The copy, and the log of the migration, which may write as much.
        if (free >= 2 * size) return;
        throw new SqliteStoreException(
            $"The database '{path}' has schema version {from}. This version of the plugin changes it to {to}, and keeps a copy before that. "
            + $"'{folder}' needs {(2 * size / Megabyte) + 1} MB for both, and has {free / Megabyte} MB. Free disk space, or start the version before.");
    }
}
