namespace PluginHost.Sdk;

/// <summary>How a run ended.</summary>
public enum RunOutcome
{
    /// <summary>The answer is complete, or the run waits for results of the caller's tools.</summary>
    Completed,

    /// <summary>The model, a provider, a middleware or a store failed.</summary>
    Failed,

    /// <summary>The run was cancelled; the output holds what was written before.</summary>
    Cancelled,
}
