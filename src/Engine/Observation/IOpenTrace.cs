namespace PluginHost.Engine.Observation;

/// <summary>The trace of a run that has not ended. Thread-safe.</summary>
internal interface IOpenTrace
{
    /// <summary>The spans so far; those that are open have no duration. Null before the run has its id.</summary>
    RunTrace? Read();

    /// <summary>Whether it is that of the run or trace with an id.</summary>
    /// <param name="tenant">The tenant of the run; null for any.</param>
    /// <param name="id">The id.</param>
    bool Matches(string? tenant, string id);
}
