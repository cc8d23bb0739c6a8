using System.Diagnostics;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;
using PluginHost.Telemetry.Metrics;
using PluginHost.Telemetry.Spans;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry;

/// <summary>Turns operations of the host into spans and measurements. Thread-safe.</summary>
/// <param name="instruments">The activity source and the instruments.</param>
/// <param name="time">The clock for measurements; spans use the system clock.</param>
/// <param name="captureContent">Whether spans may record messages.</param>
internal sealed class TelemetryObserver(TelemetryInstruments instruments, TimeProvider time, bool captureContent = false) : HostObserver
{
    private readonly ActiveSessions _sessions = new(instruments.SessionActive);
    private readonly SpanExceptionRecorder _exceptions = new();

    public override bool IsEnabled => instruments.IsEnabled;

    public override string? TraceId => Activity.Current?.TraceId.ToHexString();

    public override object? Begin(in ObservedOperation operation)
    {
        if (!instruments.IsEnabled) return null;
        return new ObservedCall(instruments.Source.HasListeners() ? StartSpan(operation) : null, time.GetTimestamp());
    }

    public override void End(object? state, in ObservedOperation operation, in ObservedEnd end)
    {
        if (state is not ObservedCall call) return;
        if (call.Activity is { IsAllDataRequested: true } activity) EndSpan(activity, end);
        // Record while the span is current, so that exemplars refer to it.
        instruments.RecordOperation(operation, end, time.GetElapsedTime(call.Started));
        call.Activity?.Dispose();
    }

    public override void Resume(object? state)
    {
        if (state is ObservedCall { Activity: { } activity }) Activity.Current = activity;
    }

    public override object? BeginRun(ObservedRun run)
    {
        if (!instruments.IsEnabled) return null;
        var activity = instruments.Source.StartActivity(SpanNames.Run);
        var isCounted = instruments.RunActive.Enabled;
        if (isCounted) instruments.RunActive.Add(1, AgentTag(run));
        var isSessionCounted = instruments.SessionActive.Enabled;
        if (isSessionCounted) _sessions.AddRun(run.Session, run.Agent);
        var state = new ObservedRunState(activity, time.GetTimestamp(), isCounted, isSessionCounted ? run.Session : null);
        if (activity is not { IsAllDataRequested: true }) return state;
        activity.AddIdentity(run);
        activity.AddTag(Attributes.RunAttempt, run.Attempt);
        if (state.Request is { IsAllDataRequested: true, IsStopped: false }) state.Request.SetIdentity(run);
        return state;
    }

    public override void RunLoaded(object? state, ObservedRun run)
    {
        if (state is not ObservedRunState { Activity.IsAllDataRequested: true } call) return;
        if (run.Queued is { } queued) call.Activity.SetTag(Attributes.RunQueueTime, queued.TotalSeconds);
        if (!ActivityContext.TryParse(run.PreviousTraceParent, null, isRemote: true, out var previous)) return;
        call.Activity.AddLink(new(previous));
        if (call.Request is { IsAllDataRequested: true, IsStopped: false }) call.Request.AddLink(new(previous));
    }

    public override void RunAttached(ObservedRun run, string? traceParent, bool replayed)
    {
        if (Activity.Current is not { Kind: ActivityKind.Server, IsAllDataRequested: true } request) return;
        request.SetIdentity(run);
        request.SetTag(Attributes.RunAttached, replayed ? "replayed" : "reattached");
        if (ActivityContext.TryParse(traceParent, null, isRemote: true, out var first)) request.AddLink(new(first));
    }

    public override void EndRun(object? state, ObservedRun run, RunRecord record)
    {
        if (state is not ObservedRunState call) return;
        var errorType = record.Status == RunStatus.Failed ? record.Error?.Type ?? "unknown" : null;
        var outcome = SpanTags.GetOutcome(record.Status);
        if (call.Activity is { IsAllDataRequested: true } activity)
        {
            activity.SetTag(Attributes.RunOutcome, outcome);
            if (record.Skipped.Count > 0) activity.SetTag(Attributes.RunSkipped, record.Skipped.ToArray());
            if (captureContent && record.Output.Count > 0) activity.SetTag(Attributes.OutputMessages, ContentJson.WriteMessages(record.Output));
            if (errorType is not null) activity.SetFailed(errorType);
        }

        if (instruments.RunDuration.Enabled)
        {
            var tags = new TagList { AgentTag(run), new(Attributes.RunOutcome, outcome) };
            if (errorType is not null) tags.Add(Attributes.ErrorType, errorType);
            instruments.RunDuration.Record(time.GetElapsedTime(call.Started).TotalSeconds, tags);
        }

        if (call.IsCounted) instruments.RunActive.Add(-1, AgentTag(run));
        if (call.Session is { } session) _sessions.RemoveRun(session, run.Agent);
        call.Activity?.Dispose();
    }

    public override string? GetTraceParent(object? state) =>
        state is ObservedRunState { Activity: { Recorded: true } activity } ? activity.Id : null;

    public override IChatClient Observe(IChatClient client) =>
        new ObservedChatClient(client, this, captureContent);

    public override void ObserveContexts(Func<IReadOnlyDictionary<string, int>> count) => instruments.ObserveContexts(count);

    private Activity? StartSpan(in ObservedOperation operation)
    {
        var isAgent = operation.Kind == HostOperation.InvokeAgent;
        var name = isAgent ? operation.Run?.Agent : operation.PluginName ?? (operation.Kind.IsSession ? null : operation.Plugin?.SourceId);
        var activity = instruments.Source.StartActivity(OperationSpan.From(operation.Kind).GetName(name));
        if (activity is not { IsAllDataRequested: true }) return activity;
        if (operation.Run is { } run) activity.AddIdentity(run);
        else if (operation.Session is { } session) activity.AddTag(Attributes.ConversationId, session.Id);
        if (isAgent) activity.AddModel(operation.Run);
        if (operation.Plugin is { } plugin) activity.AddPlugin(plugin, operation.Kind.PluginKind);
        else if (operation.PluginName is not null) activity.AddTag(Attributes.PluginName, operation.PluginName);
        return activity;
    }

    private void EndSpan(Activity activity, in ObservedEnd end)
    {
        if (end.Skipped) activity.AddTag(Attributes.PluginSkipped, true);
        if (end.Messages is { } messages) activity.AddTag(Attributes.MessageCount, messages);
        if (end.OwnTime is { } own) activity.AddTag(Attributes.OwnTime, own.TotalSeconds);
        if (end.Restored is { } restored) activity.AddTag(Attributes.SessionLoad, restored ? "restored" : "new");
        if (end.Exception is not null) _exceptions.Record(activity, end.Exception);
        if (end.ErrorType is not null) activity.SetFailed(end.ErrorType);
    }

    private static KeyValuePair<string, object?> AgentTag(ObservedRun run) => new(Attributes.AgentName, run.Agent);
}
