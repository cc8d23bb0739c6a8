using System.Collections.Concurrent;
using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;

namespace PluginHost.Engine.Runs.Completion;

/// <summary>Logs what failed without ending its run: once a minute for each plugin and type of error. Thread-safe.</summary>
internal sealed class FailureLog(TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // Bounded by the plugins of the configuration and the types that they throw.
    private readonly ConcurrentDictionary<(string Plugin, string Type), long> _logged = new();

    public void Write(RunContext run)
    {
        foreach (var failure in run.Failures)
        {
            if (IsDue((failure.SourceId, failure.CauseType)))
                Log.PluginFailedInRun(logger, failure.SourceId, run.Record.Id, failure.CauseType, CallerText.ForOperator(failure), LoggableError.From(failure));
        }
    }

    private bool IsDue((string Plugin, string Type) kind)
    {
        var now = time.GetTimestamp();
        if (_logged.TryAdd(kind, now)) return true;
        var last = _logged[kind];
        return time.GetElapsedTime(last, now) >= Interval && _logged.TryUpdate(kind, now, last);
    }
}
