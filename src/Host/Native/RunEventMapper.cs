using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Live;
using PluginHost.Http.Streaming;
using PluginHost.Native.Resources;
using PluginHost.Sdk;

namespace PluginHost.Native;

/// <summary>
/// Turns the events of a run into those of the native API. An update with several contents becomes several events, one without
/// any becomes none, so the numbers differ from the run's. They and the indexes of parts follow from the events since the first
/// one: a caller that attaches again gets the same ones.
/// </summary>
internal sealed class RunEventMapper(RunRecord run) : IRunEventMapper
{
    private readonly OutputPosition _position = new();
    private readonly Dictionary<string, Approval> _approvals = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _tools = new(StringComparer.Ordinal);
    private readonly List<SseEvent> _events = [];
    private long _number;
    private int _part;
    private Type? _kind;

    public IReadOnlyList<SseEvent> Map(RunEvent happened)
    {
        _events.Clear();
        if (happened is RunEvent.Started started) _events.Add(EventOf(++_number, "run.started", RunResource.Bare(started.Run)));
        else if (happened is RunEvent.Updated { Update: var marked } && ResumedMark.Is(marked)) _number += ResumedMark.Gap;
        // The number of the event that ended the stream before.
        else if (happened is RunEvent.Updated { Update: var parked } && ParkedMark.Is(parked)) _number++;
        else if (happened is RunEvent.Updated updated) MapUpdate(updated.Update);
        else if (happened is RunEvent.Ended ended) _events.Add(EndOf(ended.Run, ++_number));
        return _events;
    }

    /// <summary>The last event of a run.</summary>
    public static SseEvent EndOf(RunRecord run, long number) =>
        EventOf(number, $"run.{RunResource.StatusText(run.Status)}", RunResource.From(run));

    private void MapUpdate(ChatResponseUpdate update)
    {
        if (_position.MoveTo(update)) (_part, _kind) = (-1, null);
        if (update.Role == ChatRole.User)
        {
            var message = MessageJson.FromOutput(new ChatMessage(ChatRole.User, update.Contents) { MessageId = update.MessageId, AuthorName = update.AuthorName }, run.Id, _position.Message);
            _events.Add(new SseEvent(++_number, "input.added", message, ApiJson.Default.MessageResource, HasId: true));
            return;
        }

        foreach (var content in update.Contents)
        {
            MoveTo(content);
            MapContent(content);
        }
    }

    /// <summary>Text that follows text of the same kind extends its part.</summary>
    private void MoveTo(AIContent content)
    {
        if (!MessageJson.HasPart(content))
        {
            // Content of no kind separates two parts.
            if (content.GetType() == typeof(AIContent)) _kind = null;
            return;
        }

        var kind = content.GetType();
        if (kind != _kind || content is not (TextContent or TextReasoningContent)) _part++;
        // Reasoning is complete with its protected data.
        _kind = content is TextReasoningContent { ProtectedData.Length: > 0 } ? null : kind;
    }

    private void MapContent(AIContent content)
    {
        switch (content)
        {
            case TextContent { Text.Length: > 0 } text:
                var delta = new MessageDelta(MessageJson.IdOf(_position.MessageId, run.Id, _position.Message), _part, text.Text);
                _events.Add(new SseEvent(++_number, "message.delta", delta, ApiJson.Default.MessageDelta, HasId: true));
                break;
            case FunctionCallContent call:
                _tools[call.CallId] = call.Name;
                _events.Add(new SseEvent(++_number, "tool.started", new ToolStarted(call.CallId, call.Name), ApiJson.Default.ToolStarted, HasId: true));
                break;
            case FunctionResultContent result:
                var completed = new ToolCompleted(result.CallId, _tools.GetValueOrDefault(result.CallId, ""), ErrorOf(result));
                _events.Add(new SseEvent(++_number, "tool.completed", completed, ApiJson.Default.ToolCompleted, HasId: true));
                break;
            case ToolApprovalRequestContent request:
                AddApproval("approval.required", _approvals[request.RequestId] = ApprovalContent.From(request));
                break;
            case ToolApprovalResponseContent response when _approvals.TryGetValue(response.RequestId, out var asked):
                AddApproval("approval.decided", asked with { Decision = ApprovalContent.From(response) });
                break;
        }
    }

    private void AddApproval(string name, Approval approval) =>
        _events.Add(new SseEvent(++_number, name, ApprovalResource.From(run, approval), ApiJson.Default.ApprovalResource, HasId: true));

    private static SseEvent EventOf(long number, string name, RunResource run) => new(number, name, run, ApiJson.Default.RunResource, HasId: true);

    private static string? ErrorOf(FunctionResultContent result) =>
        result.Exception is null ? null : result.Result?.ToString() ?? "The tool failed.";
}
