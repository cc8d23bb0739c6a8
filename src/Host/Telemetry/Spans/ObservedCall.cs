using System.Diagnostics;
using PluginHost.Sdk;

namespace PluginHost.Telemetry.Spans;

/// <summary>The state of an operation between its start and its end. Immutable.</summary>
/// <param name="activity">The span; null when there is no listener.</param>
/// <param name="started">The timestamp of the start.</param>
internal sealed class ObservedCall(Activity? activity, long started)
{
    public Activity? Activity { get; } = activity;

    public long Started { get; } = started;
}

/// <summary>The state of a run between its start and its end. Immutable.</summary>
/// <param name="activity">The span of the run; null when there is no listener.</param>
/// <param name="started">The timestamp of the start.</param>
/// <param name="isCounted">Whether the run was counted as active, so that its end is counted only with its start.</param>
/// <param name="session">The session; null when it was not counted as active.</param>
internal sealed class ObservedRunState(Activity? activity, long started, bool isCounted, SessionKey? session)
{
    public Activity? Activity { get; } = activity;

    /// <summary>The request that started the run, when it is the run's parent in this process.</summary>
    public Activity? Request { get; } = activity?.Parent is { Kind: ActivityKind.Server } parent ? parent : null;

    public long Started { get; } = started;

    public bool IsCounted { get; } = isCounted;

    public SessionKey? Session { get; } = session;
}
