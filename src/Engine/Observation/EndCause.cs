namespace PluginHost.Engine.Observation;

/// <summary>Why an operation ended without a result.</summary>
internal enum EndCause
{
    /// <summary>It has its result.</summary>
    None,

    /// <summary>It failed itself.</summary>
    Own,

    /// <summary>Another operation failed, and this one let the error through.</summary>
    PassedThrough,

    /// <summary>Its caller stopped or went away, or the run's time was over.</summary>
    Cancelled,

    /// <summary>The run waits for an approval, and another attempt continues it.</summary>
    Parked,

    /// <summary>It was asked for something that it may not do.</summary>
    Refused,
}
