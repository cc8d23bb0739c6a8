using System.Globalization;

namespace PluginHost.Sqlite;

/// <summary>
/// Says that this process owns a database, for as long as it lives. The operating system holds the lock, so it ends with
/// the process however that ends; the file that names the owner is for messages only.
/// </summary>
internal sealed class OwnerLock : IDisposable
{
    private const int WouldBlock = 11, WouldBlockOnMac = 35, SharingViolation = unchecked((int)0x80070020);

    private static readonly string ThisProcess = $"process {Environment.ProcessId} on {Environment.MachineName},";

    private readonly FileStream _lock;
    private readonly string _ownerPath;

    private OwnerLock(FileStream held, string ownerPath)
    {
        _lock = held;
        _ownerPath = ownerPath;
    }

    /// <exception cref="SqliteStoreException">Another owner lives.</exception>
    public static OwnerLock Take(string databasePath, DateTimeOffset now)
    {
        var lockPath = databasePath + ".lock";
        // A file that is locked cannot be read on every system, so that the owner's name needs one of its own.
        var ownerPath = lockPath + ".owner";
        FileStream held;
        try
        {
            held = new FileStream(lockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (exception.HResult is WouldBlock or WouldBlockOnMac or SharingViolation)
        {
            throw new SqliteStoreException(Refusal(databasePath, ownerPath), exception);
        }

        try
        {
            File.WriteAllText(ownerPath, $"{ThisProcess} since {now.ToString("u", CultureInfo.InvariantCulture)}");
        }
        catch
        {
            held.Dispose();
            throw;
        }

        return new OwnerLock(held, ownerPath);
    }

    /// <summary>The lock file stays: removing it would let a third owner lock a new file while a second one holds the old.</summary>
    public void Dispose()
    {
        try
        {
            File.Delete(_ownerPath);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // A name that is left over misleads nobody: it is read only when the lock is held, and then it is rewritten.
        }
        finally
        {
            _lock.Dispose();
        }
    }

    private static string Refusal(string databasePath, string ownerPath)
    {
        var owner = ReadOwner(ownerPath);
        if (owner?.StartsWith(ThisProcess, StringComparison.Ordinal) == true)
        {
            return $"The database '{databasePath}' is in use by another copy of this plugin in this process ({Environment.ProcessId}). " +
                "Restart the host to replace the plugin's file, or give the entry another Path.";
        }

        return $"The database '{databasePath}' is in use by {owner ?? "another process"}. One host owns a database at a time. Stop that one, " +
            "or give this one another Path.";
    }

    private static string? ReadOwner(string ownerPath)
    {
        try
        {
            return File.ReadAllText(ownerPath).Trim() is { Length: > 0 } owner ? owner : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // The refusal is right without the name.
        }
    }
}
