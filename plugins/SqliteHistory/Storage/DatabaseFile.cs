using System.Globalization;
using Microsoft.Extensions.Logging;

namespace PluginHost.Sqlite;

/// <summary>Opens the file of a database, checks and migrates it, and sets it aside when it is damaged and that is allowed.</summary>
internal sealed class DatabaseFile(string path, TimeSpan patience, TimeProvider time, ILogger logger)
{
    private static readonly string[] Parts = ["", "-wal", "-shm"];

    private readonly DamageMark _mark = new(path);

    /// <summary>The first connection for writing, of a database that can be used.</summary>
    /// <param name="setsAside">Whether a damaged file is set aside; the start fails otherwise.</param>
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

    /// <summary>A connection for writing.</summary>
    public PreparedConnection Connect()
    {
        var connection = new PreparedConnection(path, readOnly: false, patience);
        try
        {
            if (connection.IsReadOnly) throw SqliteStoreException.MayNotWrite(path);
            if (connection.Pragma("journal_mode=WAL") is not "wal")
                throw new SqliteStoreException($"The file system of '{path}' cannot hold a write-ahead log. Set Path to a local disk.");
            connection.Pragma("synchronous=FULL");
            connection.Pragma("secure_delete=ON");
            connection.Pragma("wal_autocheckpoint=0");
            connection.Pragma($"journal_size_limit={WriteAheadLog.SizeLimit}");
            connection.Pragma("cache_size=-16000");
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
            _mark.Check(connection);
            var version = Schema.Migrate(connection, path, Schema.Steps);
            // A crash may have left what was being deleted in the log.
            new WriteAheadLog(connection).TryEmpty();
            if (version > 0 && version < Schema.Steps.Count) Log.Migrated(logger, path, version, Schema.Steps.Count);
            Log.Opened(logger, path, Schema.Steps.Count);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>What <see cref="PageGap"/> relies on.</summary>
    private void CheckPages(PreparedConnection connection)
    {
        if (connection.Pragma("auto_vacuum") is not "0")
        {
            throw new SqliteStoreException(
                $"The database '{path}' has auto_vacuum, with which deleted content could not be cleared. Stop the host and change that: " +
                $"sqlite3 {path} 'PRAGMA auto_vacuum=NONE; VACUUM'.");
        }

        if (connection.Number($"PRAGMA max_page_count={PageGap.MaxPages}") > PageGap.MaxPages)
            throw new SqliteStoreException($"The database '{path}' has more than {PageGap.MaxPages} pages, which is the limit. Set Path to a new file.");
    }

    /// <summary>With its log, without which what was stored last is missing; under a name that is not taken.</summary>
    private void SetAside(Exception reason)
    {
        var stamp = time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var aside = $"{path}.damaged-{stamp}";
        for (var i = 2; Parts.Any(part => File.Exists(aside + part)); i++) aside = $"{path}.damaged-{stamp}-{i}";
        foreach (var part in Parts.Where(part => File.Exists(path + part))) File.Move(path + part, aside + part);
        _mark.Remove();
        Log.SetAside(logger, path, reason.Message, aside);
    }
}
