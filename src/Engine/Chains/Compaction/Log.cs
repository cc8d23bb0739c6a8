namespace PluginHost.Engine.Chains.Compaction;

internal static partial class Log
{
    [LoggerMessage(107, LogLevel.Warning,
        "The key of compaction items in '{File}' cannot be used: {Reason} Until a restart, a key of this process is used, and other hosts and later processes cannot read the items that callers keep. Let the host write the file, or put 32 random bytes in base64 into it.")]
    public static partial void NoKey(ILogger logger, string file, string reason);
}
