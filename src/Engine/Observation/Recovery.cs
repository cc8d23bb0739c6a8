namespace PluginHost.Engine.Observation;

/// <summary>What happens with a run that an earlier process left open.</summary>
internal enum Recovery
{
    /// <summary>It continues, or begins when it had not begun.</summary>
    Resumed,

    /// <summary>It ends as failed, because it may not continue.</summary>
    Lost,

    /// <summary>It cannot be read or its agent is gone: it stays in the journal for the next process.</summary>
    Kept,
}
