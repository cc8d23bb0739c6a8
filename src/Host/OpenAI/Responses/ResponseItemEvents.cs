using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Responses;

/// <summary>Makes the events of a streamed response's items, with the numbers that they have in the stream.</summary>
/// <param name="runKey">The run's share of the ids of its items.</param>
/// <param name="send">Takes the events.</param>
internal sealed class ResponseItemEvents(string runKey, Action<ResponseEvent> send) : IOutputSink
{
    private readonly OutputItemList _done = new(runKey);
    private readonly List<Type> _parts = [];
    private readonly HashSet<string> _calls = [];
    private readonly List<JsonElement> _tokens = [];
    private SummaryEvents? _summaries;
    private string? _hosted;
    private long _next;
    private int _first;
    private bool _isCut;

    /// <summary>Whether the last message was cut off.</summary>
    public bool IsCut { get; set; }

    private int Index => _done.Items.Count - _first;

    private int Place => _done.Place;

    private SummaryEvents Summary => _summaries ??= new SummaryEvents(send, NextNumber);

    /// <summary>The stream begins here: what was before is in an earlier one.</summary>
    public void BeginHere() => (_first, _next) = (_done.Items.Count, 0);

    public long NextNumber() => _next++;

    public void SkipNumbers(int count) => _next += count;

    public void Cut() => _isCut = true;

    public void Separate()
    {
        Summary.Separate();
        _done.Separate();
    }

    public bool HasCall(string callId) => _calls.Contains(callId);

    public bool Continues(AIContent content) => _done.Continues(content);

    public void Add(AIContent content)
    {
        if (content is TextReasoningContent reasoning) AddReasoning(reasoning);
        else AddText(content);
    }

    public void AddTokens(JsonElement tokens)
    {
        _tokens.AddRange(LogProbabilities.TokensOf(tokens));
        _done.AddTokens(tokens);
    }

    public void AddCall(FunctionCallContent call)
    {
        var index = Index;
        _calls.Add(call.CallId);
        _done.AddCall(call);
        if (_done.Items[^1] is CustomCallItem custom)
        {
            send(new ItemEvent("response.output_item.added", NextNumber(), index, custom with { Input = "", Status = "in_progress" }));
            send(new ArgumentsDeltaEvent("response.custom_tool_call_input.delta", NextNumber(), custom.Id, index, custom.Input));
            send(new CustomInputDoneEvent("response.custom_tool_call_input.done", NextNumber(), custom.Id, index, custom.Input));
            send(new ItemEvent("response.output_item.done", NextNumber(), index, custom));
            return;
        }

        var arguments = CallArguments.ToText(call);
        var item = (FunctionCallItem)_done.Items[^1];
        send(new ItemEvent("response.output_item.added", NextNumber(), index, item with { Arguments = "", Status = "in_progress" }));
        send(new ArgumentsDeltaEvent("response.function_call_arguments.delta", NextNumber(), item.Id, index, arguments));
        send(new ArgumentsDoneEvent("response.function_call_arguments.done", NextNumber(), item.Id, index, call.Name, arguments));
        send(new ItemEvent("response.output_item.done", NextNumber(), index, item));
    }

    public void AddNote(AIContent note)
    {
        var index = Index;
        _done.AddNote(note);
        send(new ItemEvent("response.output_item.added", NextNumber(), index, _done.Items[^1]));
        send(new ItemEvent("response.output_item.done", NextNumber(), index, _done.Items[^1]));
    }

    public void AddApproval(ToolApprovalRequestContent request)
    {
        var index = Index;
        _done.AddApproval(request);
        send(new ItemEvent("response.output_item.added", NextNumber(), index, _done.Items[^1]));
        send(new ItemEvent("response.output_item.done", NextNumber(), index, _done.Items[^1]));
    }

    public void AddHosted(AIContent item)
    {
        var index = Index;
        _done.AddHosted(item);
        if (_hosted is null) send(new ItemEvent("response.output_item.added", NextNumber(), index, _done.Items[^1]));
        send(new ItemEvent("response.output_item.done", NextNumber(), index, _done.Items[^1]));
        _hosted = null;
    }

    public void Annotate(JsonElement annotations)
    {
        if (_parts[^1] != typeof(TextContent)) return;
        var (id, number) = (ItemIds.OfOutput(ItemIds.Message, runKey, Place), ((OutputTextPart)_done.LastPart).Annotations.Count);
        foreach (var annotation in annotations.EnumerateArray())
            send(new AnnotationEvent("response.output_text.annotation.added", NextNumber(), id, Index, _parts.Count - 1, number++, annotation));
        _done.Annotate(annotations);
    }

    public void Close()
    {
        var index = Index;
        var isMessage = _parts[0] != typeof(TextReasoningContent);
        if (_isCut) _done.Cut();
        _done.Close();
        var item = _done.Items[^1];
        if (isMessage)
        {
            var message = (MessageItem)item with { Status = IsCut || _isCut ? "incomplete" : "completed" };
            EndPart(message.Id, index, message.Content[^1]);
            item = message;
        }
        else
        {
            Summary.End(item.Id, index);
        }

        send(new ItemEvent("response.output_item.done", NextNumber(), index, item));
        _parts.Clear();
        _isCut = false;
    }

    /// <summary>An item of the service begins, or something happens to it before it is complete.</summary>
    public void AddEvent(JsonElement data)
    {
        var (type, index, place) = (data.GetProperty("type").GetString()!, Index, Place);
        if (data.TryGetProperty("item", out var begun))
        {
            var item = HostedItems.ToItem(begun, prefix => ItemIds.OfOutput(prefix, runKey, place));
            _hosted = item.Id;
            send(new ItemEvent(type, NextNumber(), index, item));
        }
        else if (_hosted is not null)
        {
            var members = OpenMembers.Read(data, "type", "sequence_number", "item_id", "output_index");
            send(new HostedEvent(type, NextNumber(), _hosted, index) { Members = members });
        }
    }

    private void AddText(AIContent content)
    {
        var id = ItemIds.OfOutput(ItemIds.Message, runKey, Place);
        if (_parts.Count == 0)
            send(new ItemEvent("response.output_item.added", NextNumber(), Index, new MessageItem(id, "in_progress", "assistant", []) { Members = BesideContent.MembersOfItem(content) }));
        if (_parts.Count == 0 || _parts[^1] != content.GetType()) BeginPart(id, content);
        _done.Add(content);
        var (index, place, delta) = (Index, _parts.Count - 1, OutputText.TextOf(content));
        send(content is ErrorContent
            ? new RefusalDeltaEvent("response.refusal.delta", NextNumber(), id, index, place, delta)
            : new TextDeltaEvent("response.output_text.delta", NextNumber(), id, index, place, delta) { LogProbabilities = [.. _tokens] });
        _tokens.Clear();
    }

    private void BeginPart(string id, AIContent content)
    {
        if (_parts.Count > 0) EndPart(id, Index, _done.LastPart);
        _parts.Add(content.GetType());
        send(new PartEvent("response.content_part.added", NextNumber(), id, Index, _parts.Count - 1, OutputText.PartOf(content.GetType(), "")));
    }

    private void EndPart(string id, int index, Part part)
    {
        var place = _parts.Count - 1;
        send(part is RefusalPart refusal
            ? new RefusalDoneEvent("response.refusal.done", NextNumber(), id, index, place, refusal.Refusal)
            : new TextDoneEvent("response.output_text.done", NextNumber(), id, index, place, ((OutputTextPart)part).Text) { LogProbabilities = ((OutputTextPart)part).LogProbabilities });
        send(new PartEvent("response.content_part.done", NextNumber(), id, index, place, part));
    }

    private void AddReasoning(TextReasoningContent reasoning)
    {
        var id = ItemIds.OfOutput(ItemIds.Reasoning, runKey, Place);
        if (_parts.Count == 0)
        {
            _parts.Add(typeof(TextReasoningContent));
            send(new ItemEvent("response.output_item.added", NextNumber(), Index, new ReasoningItem(id, [], "in_progress")));
        }

        _done.Add(reasoning);
        if (reasoning.Text.Length > 0) Summary.Add(id, Index, reasoning.Text);
    }
}
