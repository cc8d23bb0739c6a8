using Microsoft.Data.Sqlite;
using PluginHost.Memory.Facts;
using PluginHost.Sdk;
using PluginHost.Shared.Sqlite;

namespace PluginHost.Memory.Storage;

/// <summary>
/// The file with the facts that outlive sessions. It is opened by the first call, and again by a later one when that failed: a run
/// continues without it. Thread-safe.
/// </summary>
internal sealed class FactDatabase(string path, PluginContext context) : IDisposable
{
    /// <summary>SQLITE_CORRUPT.</summary>
    private const int Corrupt = 11;

    private readonly Lock _lock = new();
    private SqliteFile? _file;
    private bool _isDisposed;
    private volatile string? _trouble;
    private volatile bool _isDamaged;

    /// <summary>Why facts cannot be read or written; null when they can, as far as is known.</summary>
    public string? Trouble => _trouble;

    /// <exception cref="StorageException">The file cannot be read.</exception>
    public T Read<T>(Func<SqliteConnection, T> read) => Use(file => file.Read(read));

    /// <summary>Writes in one transaction, which is on the disk when this returns.</summary>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    public T Write<T>(Func<SqliteConnection, T> write) => Use(file =>
    {
        var result = file.Write(write);
        ClearTrouble();
        return result;
    });

    /// <summary>Tries to write again after a failure. Writes more than a fact needs: the last free bytes of a full disk are not enough.</summary>
    public void Probe()
    {
        if (_trouble is null) return;
        try
        {
            Write(connection => connection.Execute("DROP TABLE IF EXISTS probe; CREATE TABLE probe AS SELECT zeroblob(65536) AS content;"));
            Write(connection => connection.Execute("DROP TABLE probe;"));
        }
        catch (StorageException)
        {
            // The call has set the trouble.
        }
    }

    /// <summary>All facts of a user, of all entries that use the file.</summary>
    /// <exception cref="StorageException">The file cannot be read.</exception>
    public IReadOnlyList<(string Entry, Fact Fact)> ReadUser(UserKey user)
    {
        if (!Exists()) return [];
        return Read(connection => FactRows.OwnersOf(connection, user)
            .SelectMany(o => FactRows.Read(connection, o.Id).Items, (owner, fact) => (owner.Entry, fact)).ToList());
    }

    /// <summary>Deletes all facts of a user, of all entries that use the file, so that no byte of them remains in it.</summary>
    /// <returns>How many facts there were.</returns>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    public int DeleteUser(UserKey user)
    {
        if (!Exists()) return 0;
        return Use(file =>
        {
            var (removed, leftovers) = file.Write(connection => (FactRows.DeleteUser(connection, user), FactRows.FindLeftovers(connection)));
            // There are some when this deletion removed anything, and when an earlier one was interrupted below.
            if (leftovers is null) return removed;
            if (!file.Compact())
                throw new StorageException($"The facts are deleted, but another program reads '{path}', whose log may still have them. End that program.");
            ClearTrouble();
            // A deletion that began meanwhile has a later number, and compacts the file itself.
            file.Write(connection => connection.Execute("DELETE FROM leftovers WHERE id <= $1", leftovers));
            return removed;
        });
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _file?.Dispose();
            _file = null;
        }
    }

    /// <summary>A damaged page stays damaged while others can be written.</summary>
    private void ClearTrouble()
    {
        if (!_isDamaged) _trouble = null;
    }

    private T Use<T>(Func<SqliteFile, T> use)
    {
        try
        {
            return use(Open());
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException or StorageException)
        {
            var trouble = e is StorageException
                ? e.Message
                : $"The facts in '{path}' cannot be used: {e.Message} Check the rights and the disk; a damaged file may be deleted while the host is stopped, and then all that it had is forgotten.";
            if (e is SqliteException { SqliteErrorCode: Corrupt } && _file is not null) _isDamaged = true;
            if (_trouble is null) Log.Unusable(context.Logger, trouble);
            _trouble = trouble;
            throw e as StorageException ?? new StorageException(trouble, e);
        }
    }

    /// <summary>Unlike <see cref="File.Exists(string)"/>, a file that may not be seen is not missing.</summary>
    /// <exception cref="StorageException">It may not be seen.</exception>
    private bool Exists()
    {
        try
        {
            _ = File.GetAttributes(path);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The facts in '{path}' cannot be used: {e.Message} Check the rights of the folder.", e);
        }
    }

    private SqliteFile Open()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _file ??= new SqliteFile(path, FactRows.Pragmas, FactRows.Version, FactRows.Schema);
        }
    }
}
