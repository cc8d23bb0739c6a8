using System.Globalization;

namespace PluginHost.Sqlite;

/// <summary>
/// Marks this process as the owner of a database. The operating system releases the lock when the process ends. The file that
/// names the owner is used only in messages.
/// </summary>
internal sealed class OwnerLock : IDisposable
{
    private const int WouldBlock = 11, WouldBlockOnMac = 35, SharingViolation = unchecked((int)0x80070020);

    private static readonly string ThisProcess = $"process {Environment.ProcessId} on {Environment.MachineName},";

    private readonly FileStream _lock;
    private readonly string _ownerPath;

    private OwnerLock(FileStream lockFile, string ownerPath)
    {
        _lock = lockFile;
        _ownerPath = ownerPath;
    }

    /// <exception cref="SqliteStoreException">Another process, or another copy of the plugin, owns the database; or a file is a link.</exception>
    public static OwnerLock Acquire(string databasePath, DateTimeOffset now)
    {
        var lockPath = databasePath + ".lock";
        // Some systems do not allow others to read a locked file, so a second file names the owner.
        var ownerPath = lockPath + ".owner";
        RefuseLink(lockPath);
        RefuseLink(ownerPath);
        FileStream lockFile;
        try
        {
            lockFile = PrivateFiles.Open(lockPath, FileMode.OpenOrCreate);
        }
        catch (IOException exception) when (exception.HResult is WouldBlock or WouldBlockOnMac or SharingViolation)
        {
            throw new SqliteStoreException(DescribeConflict(databasePath, ownerPath), exception);
        }

        try
        {
            PrivateFiles.Write(ownerPath, $"{ThisProcess} since {now.ToString("u", CultureInfo.InvariantCulture)}");
        }
        catch
        {
            lockFile.Dispose();
            throw;
        }

        return new OwnerLock(lockFile, ownerPath);
    }

    /// <summary>Releases the lock but keeps its file: after a delete, two owners could lock the old and a new file.</summary>
    public void Dispose()
    {
        try
        {
            File.Delete(_ownerPath);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A stale name is harmless: it is read only while the lock is held, and every owner overwrites it.
        }
        finally
        {
            _lock.Dispose();
        }
    }

    /// <summary>The host writes into these files: a link would let another user choose which file is overwritten.</summary>
    private static void RefuseLink(string path)
    {
        if (new FileInfo(path).LinkTarget is { } target)
            throw new SqliteStoreException($"The file '{path}' is a link to '{target}', which the host does not follow. Remove it, and find out who made it.");
    }

    private static string DescribeConflict(string databasePath, string ownerPath)
    {
        var owner = ReadOwner(ownerPath);
        if (owner?.StartsWith(ThisProcess, StringComparison.Ordinal) == true)
        {
            return $"The database '{databasePath}' is in use by another copy of this plugin in this process ({Environment.ProcessId}). " +
                "Restart the host to use the new version of the plugin, or set another Path.";
        }

        return $"The database '{databasePath}' is in use by {owner ?? "another process"}. Only one host can use a database. Stop that host, " +
            "or set another Path.";
    }

    private static string? ReadOwner(string ownerPath)
    {
        try
        {
            return File.ReadAllText(ownerPath).Trim() is { Length: > 0 } owner ? owner : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // The message does not need the name.
        }
    }
}
