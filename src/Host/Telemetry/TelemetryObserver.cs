using System.Diagnostics;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;
using PluginHost.Telemetry.Metrics;
using PluginHost.Telemetry.RunTraces;
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

    public override bool IsEnabled => instruments.IsEnabled;

    public override bool ObservesNextRun => instruments.IsEnabled || instruments.KeptRuns is { CanAcquire: true };

    public override string? TraceId => Activity.Current?.TraceId.ToHexString();

    public override object? Begin(in ObservedOperation operation)
    {
        var activity = instruments.Source.HasListeners() ? instruments.Source.StartOperation(operation) : null;
        if (activity is null && !instruments.IsEnabled) return null;
        return new ObservedCall(activity, time.GetTimestamp() - (long)(operation.Lasted.TotalSeconds * time.TimestampFrequency));
    }

    public override void End(object? state, in ObservedOperation operation, in ObservedEnd end)
    {
        if (state is not ObservedCall call) return;
        if (call.Activity is { IsAllDataRequested: true } activity) activity.SetEnd(operation, end);
        // Record while the span is current, so that exemplars refer to it.
        instruments.RecordOperation(operation, end, time.GetElapsedTime(call.Started));
        if (call.Activity is null || RunSpan.TryHold(call.Activity)) return;
        if (captureContent && operation.Tool is { } tool && RunContent.Find(call.Activity)?.TryHold(call.Activity, tool.CallId, finishReason: null) == true) return;
        call.Activity.Dispose();
    }

    public override void Resume(object? state)
    {
        if (state is ObservedCall { Activity: { } activity }) Activity.Current = activity;
    }

    public override object? BeginRun(ObservedRun run)
    {
        var activity = instruments.Source.StartRun(run.Agent);
        if (activity is null && !instruments.IsEnabled) return null;
        var state = new RunSpan(activity, time.GetTimestamp());
        if (state.Activity is not { IsAllDataRequested: true }) return state;
        RecordedRun.Find(state.Activity)?.Identify(run);
        state.Activity.AddIdentity(run);
        state.Activity.AddTag(Attributes.RunAttempt, run.Attempt);
        state.Request?.SetIdentity(run);
        if (captureContent) _ = new RunContent(state.Activity, state.Request, run.User);
        return state;
    }

    public override void AcceptRun(object? state, ObservedRun run)
    {
        if (state is not RunSpan span) return;
        span.Release();
        instruments.QueueDuration.Record(run.Queued?.TotalSeconds ?? 0, AgentTag(run));
        if (span.IsCounted = instruments.RunActive.Enabled) instruments.RunActive.Add(1, AgentTag(run));
        if (span.IsSessionCounted = instruments.SessionActive.Enabled) _sessions.AddRun(run.Session, run.Agent);
        if (span.Activity is not { IsAllDataRequested: true } activity) return;
        // A request whose first try was refused has a run all the same.
        if (span.Request?.GetTagItem(Attributes.RunRefusal) is not null) span.Request.SetTag(Attributes.RunRefusal, null);
        if (run.Queued is { } queued) activity.SetTag(Attributes.RunQueueTime, queued.TotalSeconds);
        if (run.IsResumed) activity.SetTag(Attributes.RunResumed, true);
        if (ActivityContext.TryParse(run.ResumedTraceParent, null, isRemote: true, out var resumed)) activity.AddLink(new(resumed));
        if (!ActivityContext.TryParse(run.PreviousTraceParent, null, isRemote: true, out var previous)) return;
        activity.AddLink(new(previous));
        span.Request?.AddLink(new(previous));
    }

    public override void DropRun(object? state)
    {
        if (state is not RunSpan span) return;
        span.Request?.SetTag(Attributes.RunId, null);
        // The spans above it were never sent, nor is this one.
        RecordedRun.Find(span.Activity)?.Drop();
    }

    public override void RefuseRequest(string reason)
    {
        instruments.RunRefused.Add(1, new KeyValuePair<string, object?>(Attributes.RunRefusal, reason));
        if (Activity.Current is { Kind: ActivityKind.Server, IsAllDataRequested: true } request) request.SetTag(Attributes.RunRefusal, reason);
    }

    public override void RecoverRun(ObservedRun run, Recovery recovery) =>
        instruments.RunRecovered.Add(1, AgentTag(run), new(Attributes.RunRecovery, NameOf(recovery)));

    public override void ObserveParkedRuns(Func<int> count) => instruments.ObserveParkedRuns(count);

    public override void DecideApproval(string agent, string decision) => instruments.ApprovalDecided.Add(
        1, new KeyValuePair<string, object?>(Attributes.AgentName, agent), new KeyValuePair<string, object?>(Attributes.ApprovalDecision, decision));

    public override void RollBack(bool byErrors) => instruments.CountRollback(byErrors, 1);

    public override void RunAttached(ObservedRun run, string? traceParent, Attachment attachment)
    {
        if (Activity.Current is not { Kind: ActivityKind.Server, IsAllDataRequested: true } request) return;
        request.SetIdentity(run);
        request.SetTag(Attributes.RunAttached, NameOf(attachment));
        if (ActivityContext.TryParse(traceParent, null, isRemote: true, out var first)) request.AddLink(new(first));
    }

    public override void EndRun(object? state, ObservedRun run, RunRecord record)
    {
        if (state is not RunSpan span) return;
        span.Release();
        if (captureContent) RunContent.Find(span.Activity)?.End(record);
        var isRefused = record.Error?.Type == ErrorTypes.RunRefused;
        var errorType = record.Status == RunStatus.Failed && !isRefused ? record.Error?.Type ?? "unknown" : null;
        var outcome = SpanTags.GetOutcome(record);
        if (span.Activity is { IsAllDataRequested: true } activity)
        {
            activity.SetTag(Attributes.RunOutcome, outcome);
            if (record.Usage is not null) activity.AddUsage(record.Usage);
            if (record.Context is not null) activity.AddContext(record.Context);
            if (record.Skipped.Count > 0) activity.SetTag(Attributes.RunSkipped, record.Skipped.ToArray());
            if (errorType is not null) activity.SetFailed(errorType);
            if (isRefused) activity.SetTag(Attributes.Cause, Causes.Refused);
            RecordedRun.Find(activity)?.Complete(record);
        }

        if (instruments.RunDuration.Enabled)
        {
            var tags = new TagList { AgentTag(run), new(Attributes.RunOutcome, outcome) };
            if (errorType is not null) tags.Add(Attributes.ErrorType, errorType);
            instruments.RunDuration.Record(time.GetElapsedTime(span.Started).TotalSeconds, tags);
        }

        if (span.IsCounted) instruments.RunActive.Add(-1, AgentTag(run));
        if (span.IsSessionCounted) _sessions.RemoveRun(run.Session, run.Agent);
        span.Activity?.Dispose();
    }

    public override string? GetTraceParent(object? state) =>
        state is RunSpan { Activity: { Recorded: true } activity } ? activity.Id : null;

    public override IChatClient Observe(IChatClient client, string agent, string? plugin = null) =>
        // What a plugin asks may not have passed the plugins after it.
        Observe(client, agent, plugin, capturesContent: captureContent && plugin is null);

    public override object? BeginModelCall(in ObservedModelCall call) => instruments.Models.IsEnabled || RecordedRun.Find(Activity.Current) is not null
        ? new ObservedModel(call.Model, NameOf(call.Operation), call.Agent, call.Plugin, instruments.Models, time, capturesContent: false).Begin(null, call.IsStreamed)
        : null;

    public override void EndModelCall(object? state, in ObservedModelAnswer answer, Exception? error, bool isComplete)
    {
        if (state is not ModelCall call) return;
        call.SetAnswer(answer);
        if (error is not null) SpanException.Record(call.Activity, error);
        call.End(error is null ? null : ObservedChatClient.TypeOf(error), isComplete, content: null);
    }

    public override void ObserveContexts(Func<IReadOnlyDictionary<string, LoadedContexts>> count) => instruments.ObserveContexts(count);

    private ObservedChatClient Observe(IChatClient client, string agent, string? plugin, bool capturesContent) => new(
        client,
        new ObservedModel(client.GetService<ChatClientMetadata>(), SpanNames.Chat, agent, plugin, instruments.Models, time, capturesContent),
        capturesContent);

    private static string NameOf(Attachment attachment) => attachment switch
    {
        Attachment.Replayed => "replayed",
        Attachment.Steered => "steered",
        _ => "reattached",
    };

    private static string NameOf(Recovery recovery) => recovery switch
    {
        Recovery.Resumed => "resumed",
        Recovery.Lost => "lost",
        _ => "kept",
    };

    private static string NameOf(ModelOperation operation) => operation switch
    {
        ModelOperation.Embeddings => SpanNames.Embeddings,
        ModelOperation.Moderation => SpanNames.Moderation,
        _ => SpanNames.TextCompletion,
    };

    private static KeyValuePair<string, object?> AgentTag(ObservedRun run) => new(Attributes.AgentName, run.Agent);
}
