using Microsoft.Extensions.Logging;

namespace PluginHost.Knowledge;

internal static partial class Log
{
    [LoggerMessage(11, LogLevel.Information, "Indexed {Done} of {Total} new or changed documents in '{Folder}', {Chunks} passages.")]
    public static partial void Progress(ILogger logger, int done, int total, string folder, int chunks);

    [LoggerMessage(12, LogLevel.Information, "The index of '{Folder}' is up to date: {Indexed} documents indexed, {Removed} removed, {Skipped} skipped, in {Seconds:0.0} s.")]
    public static partial void Completed(ILogger logger, string folder, int indexed, int removed, int skipped, double seconds);

    [LoggerMessage(13, LogLevel.Warning, "The document '{Document}' in '{Folder}' is skipped: {Reason}")]
    public static partial void Skipped(ILogger logger, string document, string folder, string reason);

    [LoggerMessage(14, LogLevel.Warning, "The folder '{Folder}' cannot be read: {Reason} Agents get what was indexed of it before.")]
    public static partial void FolderFailed(ILogger logger, string folder, string reason);

    [LoggerMessage(15, LogLevel.Warning, "The index cannot be updated: {Reason} The plugin tries again at the next interval.")]
    public static partial void PassFailed(ILogger logger, string reason);

    [LoggerMessage(16, LogLevel.Warning, "Passages cannot be embedded: {Reason} They are found by full text, and the plugin tries again at the next interval.")]
    public static partial void NotEmbedded(ILogger logger, string reason);

    [LoggerMessage(17, LogLevel.Warning, "A query cannot be embedded: {Reason} Runs go by full text alone for {Seconds:0} s.")]
    public static partial void QueryNotEmbedded(ILogger logger, string reason, double seconds);

    [LoggerMessage(18, LogLevel.Information, "Embedded {Count} passages of '{Folder}' with the model '{Model}'.")]
    public static partial void Embedded(ILogger logger, int count, string folder, string model);
}
