using System.Diagnostics;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>
/// The state of a run between its start and its end. Until the run is accepted, it holds back the spans below its own: those of a
/// refused run are never sent, because a span whose parent is missing misleads. For one flow at a time.
/// </summary>
internal sealed class RunSpan
{
    private const string HeldProperty = "pluginhost.held_spans";
    private readonly Activity? _request;
    private List<Activity>? _held = [];

    /// <param name="activity">The span of the run; null when there is no listener.</param>
    /// <param name="started">The timestamp of the start.</param>
    public RunSpan(Activity? activity, long started)
    {
        (Activity, Started) = (activity, started);
        _request = activity?.Parent is { Kind: ActivityKind.Server, IsAllDataRequested: true } parent ? parent : null;
        activity?.SetCustomProperty(HeldProperty, this);
    }

    public Activity? Activity { get; }

    /// <summary>The request that started the run, when it is the run's parent in this process and has not ended; otherwise null.</summary>
    public Activity? Request => _request is { IsStopped: false } ? _request : null;

    public long Started { get; }

    /// <summary>Whether the run was counted as active, so that its end is counted only with its start.</summary>
    public bool IsCounted { get; set; }

    public bool IsSessionCounted { get; set; }

    /// <summary>Holds back an ended span when it is below the span of a run that has not been accepted.</summary>
    public static bool TryHold(Activity span)
    {
        if (span.Parent is not { OperationName: SpanNames.OpenRun } run || run.GetCustomProperty(HeldProperty) is not RunSpan { _held: { } held }) return false;
        span.SetEndTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        held.Add(span);
        return true;
    }

    /// <summary>Sends what was held back, and holds no more.</summary>
    public void Release()
    {
        if (_held is not { } held) return;
        _held = null;
        Activity?.SetCustomProperty(HeldProperty, null);
        var current = System.Diagnostics.Activity.Current;
        foreach (var span in held) span.Dispose();
        System.Diagnostics.Activity.Current = current;
    }
}
