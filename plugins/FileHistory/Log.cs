using Microsoft.Extensions.Logging;

namespace PluginHost.Files;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "'{Path}' ended with a torn line, probably after a crash. Removed {Bytes} bytes at offset {Offset}. No acknowledged append is lost.")]
    public static partial void TornLineRemoved(ILogger logger, string path, long offset, long bytes);

    [LoggerMessage(2, LogLevel.Warning, "'{Path}' ends with a torn line at offset {Offset} that could not be removed ({Reason}). Skipped it.")]
    public static partial void TornLineKept(ILogger logger, string path, long offset, string reason);

    [LoggerMessage(3, LogLevel.Error, "'{Path}' line {Line} is corrupt ({Reason}). Skipped it and copied it to '{Copy}'. Stop the host to repair or remove the line.")]
    public static partial void CorruptLine(ILogger logger, string path, long line, string reason, string copy);

    [LoggerMessage(4, LogLevel.Error, "'{Path}' is corrupt ({Reason}). The session is not listed and cannot be used. Repair the file or delete the session.")]
    public static partial void CorruptSession(ILogger logger, string path, string reason);

    [LoggerMessage(5, LogLevel.Warning, "'{Path}' has {Found} bytes, expected {Expected}. The last runs are lost.")]
    public static partial void RunsLost(ILogger logger, string path, long found, long expected);

    [LoggerMessage(6, LogLevel.Warning, "The folder '{Folder}' is available again. Its current files are used.")]
    public static partial void FolderRecovered(ILogger logger, string folder);

    [LoggerMessage(8, LogLevel.Warning, "Other users may read the folder '{Folder}' (mode {Mode}), which holds conversations. Run: chmod 700 '{Folder}'.")]
    public static partial void WideFolder(ILogger logger, string folder, string mode);

    [LoggerMessage(9, LogLevel.Warning, "Could not remove '{Path}' of a run that has ended ({Reason}). The next start, or the deletion of its session, removes it.")]
    public static partial void LeftoverKept(ILogger logger, string path, string reason);

    [LoggerMessage(10, LogLevel.Error, "The record of run {Run} in '{Path}' is corrupt ({Reason}). Skipped it. Repair the file or delete the session.")]
    public static partial void CorruptRun(ILogger logger, string run, string path, string reason);

    [LoggerMessage(7, LogLevel.Information, "Removed '{Path}', left by an incomplete save or delete.")]
    public static partial void LeftoverRemoved(ILogger logger, string path);
}
