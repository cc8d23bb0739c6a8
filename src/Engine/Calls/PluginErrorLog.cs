using System.Collections.Concurrent;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Sdk;

namespace PluginHost.Engine.Calls;

/// <summary>
/// Logs what plugins throw, with its text, under each plugin's own category, and entries that do not fit their plugin: once a minute for
/// each entry, operation and type. Callers never see that text. Thread-safe.
/// </summary>
internal sealed class PluginErrorLog(ILoggerFactory loggers, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // Bounded by the entries of the configuration, the operations and the types that plugins throw.
    private readonly ConcurrentDictionary<(string Plugin, string Operation, Type Type), long> _logged = new();

    /// <param name="plugin">The plugin's name.</param>
    /// <param name="source">The entry, by its source id.</param>
    /// <param name="operation">What it was called for.</param>
    /// <param name="exception">What it threw.</param>
    public void Write(string plugin, string source, string operation, Exception exception)
    {
        if (!IsDue((source, operation, exception.GetType()))) return;
        var logger = loggers.CreateLogger($"PluginHost.Plugin.{plugin}");
        if (CurrentRun.Id is { } run) Log.PluginThrewInRun(logger, source, operation, run, exception);
        else Log.PluginThrew(logger, source, operation, exception);
    }

    /// <param name="plugin">The plugin's name.</param>
    /// <param name="source">The entry, by its source id.</param>
    /// <param name="names">The names in its <c>Approve</c> that no tool has.</param>
    /// <param name="tools">The tools that the plugin gave.</param>
    public void WriteUnknownApprovals(string plugin, string source, IEnumerable<string> names, IEnumerable<string> tools)
    {
        if (IsDue((source, nameof(EntrySettings.Approve), typeof(EntrySettings))))
            Log.ApprovalWithoutTool(loggers.CreateLogger($"PluginHost.Plugin.{plugin}"), source, string.Join(", ", names), string.Join(", ", tools));
    }

    /// <param name="plugin">The plugin's name.</param>
    /// <param name="source">The entry, by its source id.</param>
    /// <param name="tools">The tools that a run leaves out, with their owners.</param>
    public void WriteLeftOutTools(string plugin, string source, IEnumerable<string> tools)
    {
        if (IsDue((source, nameof(ContextContribution.OptionalTool), typeof(ContextContribution))))
            Log.ToolLeftOut(loggers.CreateLogger($"PluginHost.Plugin.{plugin}"), string.Join(", ", tools));
    }

    private bool IsDue((string Plugin, string Operation, Type Type) kind)
    {
        var now = time.GetTimestamp();
        if (_logged.TryAdd(kind, now)) return true;
        var last = _logged[kind];
        return time.GetElapsedTime(last, now) >= Interval && _logged.TryUpdate(kind, now, last);
    }
}
