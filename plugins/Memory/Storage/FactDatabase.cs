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
    private readonly Lock _lock = new();
    private SqliteFile? _file;
    private bool _isDisposed;
    private volatile string? _trouble;

    /// <summary>Why facts cannot be read or written; null when they can, as far as is known.</summary>
    public string? Trouble => _trouble;

    /// <exception cref="StorageException">The file cannot be read.</exception>
    public T Read<T>(Func<SqliteConnection, T> read) => Use(file => file.Read(read));

    /// <summary>Writes in one transaction, which is on the disk when this returns.</summary>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    public T Write<T>(Func<SqliteConnection, T> write) => Use(file =>
    {
        var result = file.Write(write);
        _trouble = null;
        return result;
    });

    /// <summary>Tries to write again after a failure, more than a fact needs: the last bytes of a full disk must not count as room.</summary>
    public void Probe()
    {
        if (_trouble is null) return;
        try
        {
            Write(connection => SqliteFile.Execute(connection, "DROP TABLE IF EXISTS probe; CREATE TABLE probe AS SELECT zeroblob(65536) AS content;"));
            Write(connection => SqliteFile.Execute(connection, "DROP TABLE probe;"));
        }
        catch (StorageException)
        {
            // It is the trouble now.
        }
    }

    /// <summary>All facts of a user, of all entries that use the file.</summary>
    /// <exception cref="StorageException">The file cannot be read.</exception>
    public IReadOnlyList<(string Entry, Fact Fact)> ReadUser(UserKey user)
    {
        if (!File.Exists(path)) return [];
        return Read(connection => FactRows.OwnersOf(connection, user)
            .SelectMany(o => FactRows.Read(connection, o.Id).Items, (owner, fact) => (owner.Entry, fact)).ToList());
    }

    /// <summary>Deletes all facts of a user, of all entries that use the file, so that no byte of them remains in it.</summary>
    /// <returns>How many facts there were.</returns>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    public int DeleteUser(UserKey user)
    {
        if (!File.Exists(path)) return 0;
        return Use(file =>
        {
            var removed = file.Write(connection => FactRows.DeleteUser(connection, user));
            // Also when there was nothing: an earlier try may have ended here.
            if (!file.Compact())
                throw new StorageException($"The facts are deleted, but another program reads '{path}', whose log may still have them. End that program.");
            _trouble = null;
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
                : $"The facts in '{path}' cannot be used: {e.Message} Check the rights and the disk; a damaged file may be deleted, and then all that it had is forgotten.";
            if (_trouble is null) Log.Unusable(context.Logger, trouble);
            _trouble = trouble;
            throw e as StorageException ?? new StorageException(trouble, e);
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
