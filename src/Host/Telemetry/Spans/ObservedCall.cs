using System.Diagnostics;

namespace PluginHost.Telemetry.Spans;

/// <summary>The state of an operation between its start and its end. Immutable.</summary>
/// <param name="activity">The span; null when there is no listener.</param>
/// <param name="started">The timestamp of the start.</param>
internal sealed class ObservedCall(Activity? activity, long started)
{
    public Activity? Activity { get; } = activity;

    public long Started { get; } = started;
}
