using PluginHost.Engine.Chains;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Completion;

/// <summary>What the steps of one completion did.</summary>
internal sealed class CompletionResult
{
    private List<CoveredAppend>? _covered;
    private List<(CompletionStep Step, HistoryAppend Append)>? _appended;

    /// <summary>Appends to commit with the session, in order.</summary>
    public IReadOnlyList<CoveredAppend> Covered => (IReadOnlyList<CoveredAppend>?)_covered ?? [];

    /// <summary>Appends that histories have committed themselves, in order.</summary>
    public IReadOnlyList<(CompletionStep Step, HistoryAppend Append)> Appended => (IReadOnlyList<(CompletionStep Step, HistoryAppend Append)>?)_appended ?? [];

    /// <summary>The first error of a required append; null when there was none.</summary>
    public RunError? Error { get; set; }

    /// <summary>The session's save has to commit an append.</summary>
    public void Cover(CoveredAppend append) => (_covered ??= new(1)).Add(append);

    /// <summary>A history has committed an append.</summary>
    public void Add(CompletionStep step, HistoryAppend append) => (_appended ??= new(1)).Add((step, append));
}
