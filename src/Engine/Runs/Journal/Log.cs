using PluginHost.Engine.Errors;

namespace PluginHost.Engine.Runs.Journal;

/// <summary>What is logged of the journal, and of the runs that it carries from one process to the next.</summary>
internal static partial class Log
{
    [LoggerMessage(240, LogLevel.Warning, "A step of run {Run} cannot be kept in the journal: {Reason} If the host is lost now, the run cannot continue from there.")]
    public static partial void StepNotWritten(ILogger logger, string run, string reason);

    [LoggerMessage(241, LogLevel.Warning, "The journal of run {Run} could not be written. The next step tries again.")]
    public static partial void JournalNotWritten(ILogger logger, string run, LoggableError exception);

    [LoggerMessage(242, LogLevel.Warning,
        "The session store '{Plugin}' keeps no journal: runs in the background are lost when the process ends before they do. This is logged once.")]
    public static partial void NoJournal(ILogger logger, string plugin);

    [LoggerMessage(243, LogLevel.Information, "The host stops; run {Run} continues when it is back.")]
    public static partial void RunLeft(ILogger logger, string run);

    [LoggerMessage(244, LogLevel.Information, "{Count} runs of an earlier process have not ended. Those in the background continue.")]
    public static partial void OpenRunsFound(ILogger logger, int count);

    [LoggerMessage(245, LogLevel.Error, "The runs of an earlier process could not be found. The next try is in {Delay}.")]
    public static partial void OpenRunsNotFound(ILogger logger, TimeSpan delay, LoggableError exception);

    [LoggerMessage(246, LogLevel.Information, "Run {Run} of an earlier process continues: attempt {Attempt}, with {Answers} answers of the model that are known.")]
    public static partial void RunResumed(ILogger logger, string run, int attempt, int answers);

    [LoggerMessage(249, LogLevel.Information, "Run {Run} continues because its calls were decided: attempt {Attempt}.")]
    public static partial void RunDecided(ILogger logger, string run, int attempt);

    [LoggerMessage(250, LogLevel.Information, "Run {Run} was cancelled while it waited, and ends.")]
    public static partial void RunCancelled(ILogger logger, string run);

    [LoggerMessage(247, LogLevel.Warning, "Run {Run} of an earlier process ends as failed. {Reason}")]
    public static partial void RunLost(ILogger logger, string run, string reason);

    [LoggerMessage(248, LogLevel.Error, "Run {Run}: {Reason}")]
    public static partial void RunNotRecovered(ILogger logger, string run, string reason);
}
