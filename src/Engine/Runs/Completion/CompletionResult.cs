using PluginHost.Engine.Chains;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Completion;

/// <summary>What the after-work of one run came to.</summary>
internal sealed class CompletionResult
{
    /// <summary>Appends to commit with the session, in order.</summary>
    public List<CoveredAppend> Covered { get; } = [];

    /// <summary>Appends that histories have taken by themselves, in order.</summary>
    public List<(CompletionStep Work, HistoryAppend Append)> Appended { get; } = [];

    /// <summary>The first error of a required append; null when there was none.</summary>
    public string? Error { get; set; }
}
