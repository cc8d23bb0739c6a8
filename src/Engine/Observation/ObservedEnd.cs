using PluginHost.Engine.Errors;

namespace PluginHost.Engine.Observation;

/// <summary>How an operation ended.</summary>
internal readonly record struct ObservedEnd
{
    /// <summary>The low-cardinality type of the error; null when there was none.</summary>
    public string? ErrorType { get; init; }

    /// <summary>What was thrown, to be recorded once; null when there was no error.</summary>
    public Exception? Exception { get; init; }

    /// <summary>The plugin failed and the run continues without it.</summary>
    public bool Skipped { get; init; }

    /// <summary>Messages loaded, stored or contributed; null when the operation has none.</summary>
    public int? Messages { get; init; }

    /// <summary>A middleware's own time, without what it wraps; null for other operations.</summary>
    public TimeSpan? OwnTime { get; init; }

    /// <summary>For <see cref="HostOperation.SessionLoad"/>: whether the session existed.</summary>
    public bool? Restored { get; init; }

    /// <summary>The end of an operation that threw. The error is the plugin's own, without what the host wrapped around it.</summary>
    public static ObservedEnd From(Exception e, bool skipped = false) => e switch
    {
        PluginException { TimedOut: true } => new() { ErrorType = ErrorTypes.PluginTimeout, Exception = e, Skipped = skipped },
        PluginException or SessionStoreException when e.InnerException is { } inner => Thrown(inner, skipped),
        OperationCanceledException => new() { ErrorType = ErrorTypes.Cancelled },
        _ => Thrown(e, skipped),
    };

    private static ObservedEnd Thrown(Exception e, bool skipped) => new() { ErrorType = e.GetType().FullName, Exception = e, Skipped = skipped };
}
