using PluginHost.Engine.Chains;
using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Execution;

/// <summary>Finds the plugins whose fault it is that a run failed, or continued without them.</summary>
internal static class FailedPlugins
{
    /// <summary>Notes the plugin that ended a run's chain with an exception, if it did.</summary>
    public static void Blame(RunContext run, Exception e)
    {
        if (e is JournalFailure) run.Blame(run.Set.Store.Plugin.SourceId);
        else if (e is PluginException plugin && !IsOfModel(plugin)) run.Blame(plugin.SourceId);
    }

    /// <returns>
    /// The names of the plugins; empty when all of them worked. Null for a run that says nothing about plugins: it was cancelled or refused,
    /// or failed because of its model, its time or the host.
    /// </returns>
    public static IReadOnlyList<string>? Find(RunContext run, RunRecord record, ProblemException? refusal)
    {
        if (refusal is not null) return refusal.Type == ProblemTypes.StorageUnavailable ? [NameOf(run.Set.Store.Plugin.SourceId)] : null;
        return record.Status switch
        {
            RunStatus.Completed or RunStatus.RequiresAction => FindSkipped(run),
            RunStatus.Failed when run.FailedPlugin is { } failed => [NameOf(failed), .. FindSkipped(run)],
            _ => null,
        };
    }

    /// <summary>Without tools that failed, which may be the fault of the model that called them.</summary>
    private static IReadOnlyList<string> FindSkipped(RunContext run) => run.Skipped.Count == 0
        ? []
        : [.. run.Skipped.Where(s => !run.Failures.Any(f => f.SourceId == s && IsOfModel(f))).Select(NameOf)];

    /// <summary>Whether a plugin failed because a model did that it called.</summary>
    private static bool IsOfModel(Exception? e) => e is not null && (e is ModelException || IsOfModel(e.InnerException));

    private static string NameOf(string sourceId) => sourceId.Split('/')[0];
}
