using PluginHost.Engine.Chains;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Completion;

/// <summary>What the steps of one completion did.</summary>
internal sealed class CompletionResult
{
    /// <summary>Appends to commit with the session, in order.</summary>
    public List<CoveredAppend> Covered { get; } = [];

    /// <summary>Appends that histories have committed themselves, in order.</summary>
    public List<(CompletionStep Step, HistoryAppend Append)> Appended { get; } = [];

    /// <summary>The first error of a required append; null when there was none.</summary>
    public RunError? Error { get; set; }
}
