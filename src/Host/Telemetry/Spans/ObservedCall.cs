using System.Diagnostics;
using PluginHost.Sdk;

namespace PluginHost.Telemetry.Spans;

/// <summary>What is kept between the beginning and the end of an operation. Immutable.</summary>
/// <param name="activity">The span; null when no listener wants one.</param>
/// <param name="started">The timestamp of the beginning.</param>
internal sealed class ObservedCall(Activity? activity, long started)
{
    public Activity? Activity { get; } = activity;

    public long Started { get; } = started;
}

/// <summary>What is kept between the beginning and the end of a run. Immutable.</summary>
/// <param name="activity">The run's span; null when no listener wants one.</param>
/// <param name="started">The timestamp of the beginning.</param>
/// <param name="isCounted">Whether the run was counted as active; who begins to listen later must not see it end only.</param>
/// <param name="session">The session, when its activity was counted.</param>
internal sealed class ObservedRunState(Activity? activity, long started, bool isCounted, SessionKey? session)
{
    public Activity? Activity { get; } = activity;

    /// <summary>The request that started the run, when it is the run's parent in this process.</summary>
    public Activity? Request { get; } = activity?.Parent is { Kind: ActivityKind.Server } parent ? parent : null;

    public long Started { get; } = started;

    public bool IsCounted { get; } = isCounted;

    public SessionKey? Session { get; } = session;
}
