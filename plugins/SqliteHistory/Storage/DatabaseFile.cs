using System.Globalization;
using Microsoft.Extensions.Logging;

namespace PluginHost.Sqlite;

/// <summary>Opens, checks and migrates the file of a database. Sets a damaged file aside when the options allow it.</summary>
internal sealed class DatabaseFile(string path, TimeSpan busyTimeout, TimeProvider time, ILogger logger)
{
    private readonly DamageMarker _damageMarker = new(path);

    /// <summary>The suffixes of the database and of the files that SQLite keeps beside it.</summary>
    public static IReadOnlyList<string> FileSuffixes { get; } = ["", "-journal", "-wal", "-shm"];

    /// <summary>Opens the first connection for writing, and migrates the database.</summary>
    /// <param name="setsAside">Whether to set a damaged file aside; otherwise a damaged file is an error.</param>
    public PreparedConnection Open(bool setsAside)
    {
        try
        {
            return OpenAndMigrate();
        }
        catch (Exception exception) when (setsAside && SqliteStoreException.IsDamage(exception))
        {
            SetAside(exception);
            return OpenAndMigrate();
        }
    }

    /// <summary>Opens a connection for writing.</summary>
    public PreparedConnection Connect()
    {
        var connection = new PreparedConnection(path, readOnly: false, busyTimeout);
        try
        {
            if (connection.IsReadOnly) throw SqliteStoreException.CreateReadOnly(path);
            if (connection.ExecutePragma("journal_mode=WAL") is not "wal")
                throw new SqliteStoreException($"The file system of '{path}' does not support a write-ahead log. Set Path to a local disk.");
            connection.ExecutePragma("synchronous=FULL");
            // On macOS a plain flush leaves the data in the drive's cache. Other systems ignore both settings.
            connection.ExecutePragma("fullfsync=ON");
            connection.ExecutePragma("checkpoint_fullfsync=ON");
            connection.ExecutePragma("secure_delete=ON");
            connection.ExecutePragma("wal_autocheckpoint=0");
            connection.ExecutePragma($"journal_size_limit={LogLength.SizeLimit}");
            connection.ExecutePragma("cache_size=-16000");
            CheckPages(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private PreparedConnection OpenAndMigrate()
    {
        var connection = Connect();
        try
        {
            _damageMarker.Check(connection);
            var version = new MigrationCopy(path, time, logger).Migrate(connection, SchemaSteps.All);
            // After a crash the log may hold deleted content.
            new WriteAheadLog(connection).TryTruncate();
            if (version > 0 && version < SchemaSteps.All.Count) Log.Migrated(logger, path, version, SchemaSteps.All.Count);
            Log.Opened(logger, path, SchemaSteps.All.Count);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Checks the conditions that <see cref="PageGap"/> relies on.</summary>
    private void CheckPages(PreparedConnection connection)
    {
        if (connection.ExecutePragma("auto_vacuum") is not "0")
        {
            throw new SqliteStoreException(
                $"The database '{path}' uses auto_vacuum, which prevents the erasure of deleted content. Stop the host and run: " +
                $"sqlite3 {path} 'PRAGMA auto_vacuum=NONE; VACUUM'.");
        }

        if (connection.QueryNumber($"PRAGMA max_page_count={PageGap.MaxPages}") > PageGap.MaxPages)
            throw new SqliteStoreException($"The database '{path}' exceeds the limit of {PageGap.MaxPages} pages. Set Path to a new file.");
    }

    /// <summary>Renames the file and its log, which holds the latest commits, to an unused name.</summary>
    private void SetAside(Exception reason)
    {
        var stamp = time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var aside = $"{path}.damaged-{stamp}";
        for (var i = 2; FileSuffixes.Any(suffix => File.Exists(aside + suffix)); i++) aside = $"{path}.damaged-{stamp}-{i}";
        foreach (var suffix in FileSuffixes.Where(suffix => File.Exists(path + suffix))) File.Move(path + suffix, aside + suffix);
        _damageMarker.Remove();
        Log.SetAside(logger, path, reason.Message, aside);
    }
}
