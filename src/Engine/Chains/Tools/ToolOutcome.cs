namespace PluginHost.Engine.Chains.Tools;

/// <summary>What came of one call of a tool, for traces and explanations.</summary>
internal sealed class ToolOutcome
{
    private List<string>? _changedBy;

    /// <summary>Whether the tool says itself that it failed.</summary>
    public bool HasFailed { get; set; }

    /// <summary>Whether the tool returned.</summary>
    public bool HasReturned { get; private set; }

    /// <summary>What it returned.</summary>
    public object? Returned { get; private set; }

    /// <summary>The function middleware that gave another result than it got, the innermost first.</summary>
    public IReadOnlyList<string> ChangedBy => _changedBy ?? [];

    public void Return(object? result) => (HasReturned, Returned) = (true, result);

    public void Change(string plugin) => (_changedBy ??= []).Add(plugin);
}
