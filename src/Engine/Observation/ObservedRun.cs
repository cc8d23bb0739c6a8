using PluginHost.Sdk;

namespace PluginHost.Engine.Observation;

/// <summary>The identity of a run, for an observer. Immutable.</summary>
/// <param name="Session">The session.</param>
/// <param name="RunId">The run.</param>
/// <param name="Agent">The agent.</param>
internal sealed record ObservedRun(SessionKey Session, string RunId, string Agent)
{
    public static ObservedRun From(RunRecord run) => new(run.Session, run.Id, run.Agent) { Attempt = run.Attempt };

    public int Attempt { get; init; } = 1;

    /// <summary>The traceparent of the session's previous run, to link to; null when there was none. Known after the session was loaded.</summary>
    public string? PreviousTraceParent { get; init; }

    /// <summary>Whether it continues a run that an earlier process began.</summary>
    public bool IsResumed { get; init; }

    /// <summary>The traceparent of the attempt that it continues, to link to; null when there was none. Known after the session was loaded.</summary>
    public string? ResumedTraceParent { get; init; }

    /// <summary>How long it waited for other runs of its session; null when it did not.</summary>
    public TimeSpan? Queued { get; init; }

    public string? Provider { get; init; }

    public string? Model { get; init; }

    /// <summary>The user that the caller named; null for none. Content: recorded only with it.</summary>
    public string? User { get; init; }

    /// <summary>Whether nothing of it is stored.</summary>
    public bool IsStateless { get; init; }
}
