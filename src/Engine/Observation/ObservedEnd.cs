using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Engine.Observation;

/// <summary>How an operation ended.</summary>
internal readonly record struct ObservedEnd
{
    private static readonly ConditionalWeakTable<Exception, object> Claimed = [];

    public static ObservedEnd Cancelled { get; } = new() { Cause = EndCause.Cancelled };

    /// <summary>A tool gave a result that says that it failed.</summary>
    public static ObservedEnd ToolFailed { get; } = new() { Cause = EndCause.Own, ErrorType = ErrorTypes.Tool };

    public EndCause Cause { get; private init; }

    /// <summary>The low-cardinality type of the operation's own error; null when it had none.</summary>
    public string? ErrorType { get; private init; }

    /// <summary>The operation's own error; null when it had none.</summary>
    public Exception? Exception { get; private init; }

    /// <summary>The plugin failed and the run continues without it.</summary>
    public bool Skipped { get; private init; }

    /// <summary>Messages loaded, stored or contributed; null when the operation has none.</summary>
    public int? Messages { get; init; }

    /// <summary>The names of the tools that were contributed; null for none.</summary>
    public string[]? Tools { get; init; }

    /// <summary>The characters of the instructions that were contributed; null for none.</summary>
    public int? InstructionsLength { get; init; }

    /// <summary>For <see cref="HostOperation.InvokeAgent"/>: the tokens of all model calls; null when the model counts none.</summary>
    public UsageDetails? Usage { get; init; }

    /// <summary>Nothing was done: an earlier attempt of the run has done it, and its result is used again.</summary>
    public bool IsReused { get; init; }

    /// <summary>Nothing was done: an earlier attempt of the run has begun it, and how that ended is not known.</summary>
    public bool IsUnknown { get; init; }

    /// <summary>The session's save did it, and has the time that it took.</summary>
    public bool IsCovered { get; init; }

    /// <summary>A middleware's own time, without what it wraps; null for other operations.</summary>
    public TimeSpan? OwnTime { get; init; }

    /// <summary>For <see cref="HostOperation.SessionLoad"/>: whether the session existed.</summary>
    public bool? Restored { get; init; }

    /// <summary>The end of an operation that threw.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="e">What it threw.</param>
    /// <param name="skipped">Whether the run continues without the plugin.</param>
    /// <param name="isPassedThrough">Whether what it wraps threw that.</param>
    public static ObservedEnd From(in ObservedOperation operation, Exception e, bool skipped = false, bool isPassedThrough = false) => e switch
    {
        ParkedException => new() { Cause = EndCause.Parked },
        OperationCanceledException => Cancelled,
        ProblemException { Type: var type } => new() { Cause = ProblemTypes.IsFailure(type) ? EndCause.PassedThrough : EndCause.Refused },
        // The write of the journal has it.
        JournalFailure => new() { Cause = EndCause.PassedThrough },
        SessionConflictException or PluginRefusalException or RunRefusedException => new() { Cause = EndCause.Refused },
        _ when isPassedThrough || !IsOwn(operation, e) => new() { Cause = EndCause.PassedThrough },
        PluginException { TimedOut: true } => FromOwn(ErrorTypes.PluginTimeout, e, skipped),
        PluginException or SessionStoreException when e.InnerException is { } inner => FromOwn(inner.GetType().FullName!, inner, skipped),
        _ => FromOwn(e.GetType().FullName!, e, skipped),
    };

    /// <summary>Claims an error for the operation that fails with it. For those around it, it only passes through them.</summary>
    /// <returns>False when another operation has claimed it.</returns>
    public static bool Claim(Exception e) => Claimed.TryAdd(e, e.GetType());

    private static ObservedEnd FromOwn(string type, Exception e, bool skipped) =>
        new() { Cause = EndCause.Own, ErrorType = type, Exception = e, Skipped = skipped };

    /// <summary>A plugin's own errors name it; every other error came from what it wraps.</summary>
    private static bool IsOwn(in ObservedOperation operation, Exception e)
    {
        var isPlugins = operation is { Kind.PluginKind: not null, Plugin: not null };
        if (isPlugins && !(e is PluginException failed ? failed.SourceId == operation.Plugin!.SourceId : operation.Kind.IsSession && e is SessionStoreException)) return false;
        return Claim(e);
    }
}
