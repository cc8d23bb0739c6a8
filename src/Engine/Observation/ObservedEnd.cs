namespace PluginHost.Engine.Observation;

/// <summary>How an operation ended.</summary>
internal readonly record struct ObservedEnd
{
    /// <summary>The low-cardinality type of the error; null when there was none.</summary>
    public string? ErrorType { get; init; }

    /// <summary>What was thrown, to be recorded once; null when there was no error.</summary>
    public Exception? Exception { get; init; }

    /// <summary>The plugin failed and the run goes on without it.</summary>
    public bool Skipped { get; init; }

    /// <summary>Messages loaded, stored or contributed; null when the operation has none.</summary>
    public int? Messages { get; init; }

    /// <summary>A middleware's own time, without what it wraps; null for other operations.</summary>
    public TimeSpan? OwnTime { get; init; }

    /// <summary>For <see cref="HostOperation.SessionLoad"/>: whether the session existed.</summary>
    public bool? Restored { get; init; }
}
