using System.Diagnostics;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;
using static PluginHost.Telemetry.TelemetryNames;

namespace PluginHost.Telemetry.Spans;

/// <summary>
/// Records what a run says, where every plugin has had its turn: what the model is sent, and what the caller gets. An answer and the
/// result of a tool are known in that form only with the next of these, so their spans wait for it. Thread-safe.
/// </summary>
internal sealed class RunContent
{
    private const string Property = "pluginhost.run_content";

    private readonly Lock _lock = new();
    private readonly Activity _run;
    private readonly Activity? _request;
    private readonly string? _user;
    private List<HeldSpan>? _held = [];
    private bool _hasInput;

    /// <param name="run">The span of the run.</param>
    /// <param name="request">The span of its request; null when there is none.</param>
    /// <param name="user">The user that the caller named; null for none.</param>
    public RunContent(Activity run, Activity? request, string? user)
    {
        (_run, _request, _user) = (run, request, user);
        run.SetCustomProperty(Property, this);
        SetTag(Attributes.UserId, user);
    }

    /// <summary>The content of the run that a span belongs to; null when none is recorded.</summary>
    public static RunContent? Find(Activity? span)
    {
        while (span is not null && span.OperationName != SpanNames.OpenRun) span = span.Parent;
        return span?.GetCustomProperty(Property) as RunContent;
    }

    /// <summary>Records a request to the model on its span, as it leaves the last plugin.</summary>
    public static void RecordInput(Activity? span, IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        if (span is not { IsAllDataRequested: true }) return;
        span.SetTag(Attributes.InputMessages, ContentJson.WriteMessages(messages));
        if (options?.Instructions is { Length: > 0 } instructions) span.SetTag(Attributes.SystemInstructions, ContentJson.WriteInstructions(instructions));
    }

    /// <summary>The model is called: its messages have the answer of the call before, and the results of tools.</summary>
    public void BeginModelCall(Activity? span, IReadOnlyList<ChatMessage> messages)
    {
        if (_user is not null) span?.SetTag(Attributes.UserId, _user);
        if (!_hasInput) SetTag(Attributes.InputMessages, ContentJson.WriteMessages([.. messages.Skip(messages.ToList().FindLastIndex(m => m.Role == ChatRole.Assistant) + 1)]));
        _hasInput = true;
        Release(messages, isLast: false);
    }

    /// <summary>Keeps a span that has ended until its output is known.</summary>
    /// <param name="span">The span.</param>
    /// <param name="callId">The call of the tool; null for a call of the model.</param>
    /// <param name="finishReason">Why the model ended.</param>
    /// <returns>False when the run has ended.</returns>
    public bool TryHold(Activity span, string? callId, string? finishReason)
    {
        lock (_lock)
        {
            if (_held is null) return false;
            span.SetEndTime(TimeProvider.System.GetUtcNow().UtcDateTime);
            Activity.Current = span.Parent;
            _held.Add(new HeldSpan(span, callId, finishReason));
            return true;
        }
    }

    /// <summary>The run has ended: its output is what the caller got.</summary>
    public void End(RunRecord record)
    {
        if (record.Output.Count > 0) SetTag(Attributes.OutputMessages, ContentJson.WriteMessages(record.Output, ContentJson.FinishReasonOf(record.FinishReason)));
        Release(record.Output, isLast: true);
    }

    private void Release(IReadOnlyList<ChatMessage> messages, bool isLast)
    {
        List<HeldSpan>? held;
        lock (_lock) (held, _held) = (_held, isLast ? null : []);
        if (held is not { Count: > 0 }) return;
        var current = Activity.Current;
        var answer = held.FindLastIndex(h => h.CallId is null);
        for (var i = 0; i < held.Count; i++)
        {
            if (held[i].CallId is { } call) RecordTool(held[i].Span, call, messages);
            // The answer of an earlier call was replaced by a plugin.
            else if (i == answer) RecordAnswer(held[i], messages);
            held[i].Span.Dispose();
        }

        Activity.Current = current;
    }

    /// <summary>The answer is what stands before the results of its tools.</summary>
    private static void RecordAnswer(HeldSpan held, IReadOnlyList<ChatMessage> messages)
    {
        var end = messages.Count;
        while (end > 0 && messages[end - 1].Role == ChatRole.Tool) end--;
        var start = end;
        while (start > 0 && messages[start - 1].Role == ChatRole.Assistant) start--;
        if (start < end) held.Span.SetTag(Attributes.OutputMessages, ContentJson.WriteMessages([.. messages.Take(end).Skip(start)], ContentJson.FinishReasonOf(held.FinishReason)));
    }

    private static void RecordTool(Activity span, string callId, IReadOnlyList<ChatMessage> messages)
    {
        // From the end: some models number their calls from the start in every message.
        foreach (var content in messages.Reverse().SelectMany(m => m.Contents))
        {
            if (content is FunctionCallContent call && call.CallId == callId && span.GetTagItem(Attributes.ToolArguments) is null)
                span.SetTag(Attributes.ToolArguments, ContentJson.WriteValue(call.Arguments ?? new Dictionary<string, object?>()));
            else if (content is FunctionResultContent result && result.CallId == callId && span.GetTagItem(Attributes.ToolResult) is null)
                span.SetTag(Attributes.ToolResult, ContentJson.WriteValue(result.Result));
        }
    }

    /// <summary>On the run, and on its request, which backends take as the root of the trace.</summary>
    private void SetTag(string name, string? value)
    {
        if (value is null) return;
        _run.SetTag(name, value);
        if (_request is { IsStopped: false }) _request.SetTag(name, value);
    }

    private sealed record HeldSpan(Activity Span, string? CallId, string? FinishReason);
}
