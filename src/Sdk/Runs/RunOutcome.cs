namespace PluginHost.Sdk;

/// <summary>How a run ended.</summary>
public enum RunOutcome
{
    /// <summary>The answer is complete, or waits for results of the caller's own tools.</summary>
    Completed,

    /// <summary>The model, a provider, a middleware or a store failed.</summary>
    Failed,

    /// <summary>The caller cancelled it; the output is what there was by then.</summary>
    Cancelled,
}
