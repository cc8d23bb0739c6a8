namespace PluginHost.Engine.Observation;

/// <summary>The trace of a run that has not ended. Thread-safe.</summary>
internal interface IOpenTrace
{
    /// <summary>The spans so far; those that are open have no duration. Null before the run has its id.</summary>
    RunTrace? Read();
}
