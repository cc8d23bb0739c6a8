using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Anthropic.Errors;
using PluginHost.Anthropic.Wire;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Live;
using PluginHost.Http.Streaming;
using PluginHost.OpenAI.Items;
using PluginHost.Sdk;

namespace PluginHost.Anthropic.Messages;

/// <summary>Turns the events of a run into those of one message: its blocks one after the other, each opened, filled and closed.</summary>
internal sealed class MessagesStreamMapper(RunRecord run, MessagesRequest request, Func<RunRecord, Problem?> failureOf) : IRunEventMapper
{
    private static readonly JsonElement NoInput = JsonElement.Parse("{}"u8);

    private readonly HashSet<string> _callersTools = [.. request.Tools.Select(t => t.Name)];
    private readonly HashSet<string> _calls = [];
    private readonly OutputPosition _position = new();
    private readonly List<SseEvent> _events = [];
    private readonly HiddenReasoning _hidden = new(request.ShowsThinking);
    private AnswerBlock? _open;
    private string? _signature;
    private int _index = -1;
    private bool _hasBegun;

    public IReadOnlyList<SseEvent> Map(RunEvent happened)
    {
        _events.Clear();
        if (happened is RunEvent.Updated updated) AddUpdate(updated.Update);
        else if (happened is RunEvent.Ended ended) AddEnd(ended.Run);
        return _events;
    }

    private void AddUpdate(ChatResponseUpdate update)
    {
        if (_position.MoveTo(update))
        {
            Close();
            _hidden.Clear();
        }

        // The results of the host's own tools have another role.
        if (update.Role is { } role && role != ChatRole.Assistant) return;
        _hidden.LookAhead(update.Contents, call => _callersTools.Contains(call.Name));
        foreach (var content in update.Contents)
        {
            _hidden.Add(content);
            if (MessagesAnswer.TextOf(content) is { } text) AddText(text);
            else if (content is TextReasoningContent reasoning && request.ShowsThinking) AddThinking(reasoning);
            else if (content is FunctionCallContent call && _callersTools.Contains(call.Name)) AddCall(call);
            else if (OutputItems.IsBoundary(content) && _open is ThinkingAnswer) Close();
        }
    }

    private void AddEnd(RunRecord ended)
    {
        if (failureOf(ended) is { } failure)
        {
            _events.Add(new SseEvent(0, "error", AnthropicErrorShape.From(failure), AnthropicJson.Default.ErrorMessage) { Failure = failure });
            return;
        }

        // A run that ended before the request has no updates any more, but its record has their content.
        if (!_hasBegun) AddOutput(ended);
        // A call of a tool that the caller did not declare is the caller's only if no plugin answered it.
        foreach (var call in CallerCalls.Find(ended)) AddCall(call);
        Close();
        Begin();
        Add(MessageDelta.Name, new MessageDelta(new StopDelta(MessagesAnswer.StopReasonOf(ended)), MessagesAnswer.UsageOf(ended)));
        Add(MessageStop.Name, new MessageStop());
    }

    private void AddOutput(RunRecord ended)
    {
        foreach (var block in MessagesAnswer.BlocksOf(ended, request.ShowsThinking))
        {
            Close();
            if (block is TextAnswer text) AddText(text.Text);
            else if (block is ThinkingAnswer thinking) AddThinking(new TextReasoningContent(thinking.Thinking) { ProtectedData = thinking.Signature });
            else if (block is RedactedThinkingAnswer) Open(block);
        }
    }

    private void AddText(string text)
    {
        if (_open is not TextAnswer) Open(new TextAnswer(""));
        AddDelta(new TextDelta(text));
    }

    private void AddThinking(TextReasoningContent reasoning)
    {
        if (_open is not ThinkingAnswer)
        {
            if (string.IsNullOrEmpty(reasoning.Text) && reasoning.ProtectedData is { Length: > 0 } data)
            {
                Open(new RedactedThinkingAnswer(data));
                return;
            }

            Open(new ThinkingAnswer("", ""));
        }

        if (!string.IsNullOrEmpty(reasoning.Text)) AddDelta(new ThinkingDelta(reasoning.Text));
        _signature = ReasoningEnvelope.Write(reasoning) ?? _signature;
        // The protected data end an item; another one may follow at once.
        if (!string.IsNullOrEmpty(reasoning.ProtectedData)) Close();
    }

    private void AddCall(FunctionCallContent call)
    {
        if (!_calls.Add(call.CallId)) return;
        foreach (var note in _hidden.Take()) Open(note);
        Open(new ToolUseAnswer(call.CallId, call.Name, NoInput));
        AddDelta(new InputDelta(CallArguments.ToText(call)));
        Close();
    }

    private void Begin()
    {
        if (_hasBegun) return;
        _hasBegun = true;
        var empty = new MessageAnswer(run.Id, MessagesAnswer.MessageType, MessagesAnswer.Assistant, run.Agent, [], null, new MessageUsage(0, 0, 0));
        Add(MessageStart.Name, new MessageStart(empty));
    }

    private void Open(AnswerBlock block)
    {
        Close();
        Begin();
        _open = block;
        _index++;
        Add(BlockStart.Name, new BlockStart(_index, block));
    }

    private void Close()
    {
        if (_open is ThinkingAnswer && _signature is { } signature) AddDelta(new SignatureDelta(signature));
        if (_open is not null) Add(BlockStop.Name, new BlockStop(_index));
        (_open, _signature) = (null, null);
    }

    private void AddDelta(Delta delta) => Add(BlockDelta.Name, new BlockDelta(_index, delta));

    private void Add(string name, StreamEvent added) => _events.Add(new SseEvent(0, name, added, AnthropicJson.Default.StreamEvent));
}
