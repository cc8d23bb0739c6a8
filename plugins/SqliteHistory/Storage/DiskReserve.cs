using Microsoft.Extensions.Logging;

namespace PluginHost.Sqlite;

/// <summary>
/// A file beside the database that only takes space. Deletions write to the log before they free anything; on a full disk they get
/// this space, so that callers can make room.
/// </summary>
internal sealed class DiskReserve(string databasePath, ILogger logger)
{
    // Twice what the log holds when it is checkpointed.
    private const long Bytes = 8 * 1024 * 1024;

    private readonly string _path = databasePath + ".reserve";

    /// <summary>Takes the space, unless it is taken or the disk is too full.</summary>
    public void Fill()
    {
        try
        {
            if (new FileInfo(_path) is { Exists: true, Length: Bytes }) return;
            // A link that another user made is removed, not followed.
            File.Delete(_path);
            using var file = PrivateFiles.Open(_path, FileMode.CreateNew, size: Bytes);
            file.SetLength(Bytes);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Log.NoReserve(logger, _path, exception.Message);
            Release();
        }
    }

    /// <summary>Frees the space.</summary>
    public void Release()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The deletion then fails like any other write.
        }
    }
}
