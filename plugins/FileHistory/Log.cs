using Microsoft.Extensions.Logging;

namespace PluginHost.Files;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "'{Path}' ended in an append that was cut off, probably by a crash: {Bytes} bytes from byte {Offset} on were removed. Nothing that was acknowledged is lost.")]
    public static partial void TornLineRemoved(ILogger logger, string path, long offset, long bytes);

    [LoggerMessage(2, LogLevel.Warning, "'{Path}' ends in an append that was cut off at byte {Offset}, and could not be repaired now ({Reason}). It is passed over.")]
    public static partial void TornLineKept(ILogger logger, string path, long offset, string reason);

    [LoggerMessage(3, LogLevel.Error, "'{Path}' line {Line} cannot be read ({Reason}). It is passed over and stays as it is; a copy is in '{Copy}'. Mend the line or remove it while the host is stopped.")]
    public static partial void CorruptLine(ILogger logger, string path, long line, string reason, string copy);

    [LoggerMessage(4, LogLevel.Error, "'{Path}' cannot be read ({Reason}), so the session is not listed and cannot be used. Mend the file or delete the session.")]
    public static partial void CorruptSession(ILogger logger, string path, string reason);

    [LoggerMessage(5, LogLevel.Warning, "'{Path}' has {Found} bytes where {Expected} were stored: runs at its end are lost.")]
    public static partial void RunsLost(ILogger logger, string path, long found, long expected);

    [LoggerMessage(6, LogLevel.Warning, "The folder '{Folder}' was gone and is there again; its files are used as they are now.")]
    public static partial void FolderIsBack(ILogger logger, string folder);

    [LoggerMessage(7, LogLevel.Information, "'{Path}' was left by a save or a delete that did not finish, and was removed.")]
    public static partial void LeftoverRemoved(ILogger logger, string path);
}
