using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Runs.Live;
using PluginHost.Http.Streaming;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Responses;

/// <summary>
/// Turns the events of a run into those of a streamed response. Their numbers and ids follow from the run's events since the first
/// one: a caller that attaches again gets the same ones.
/// </summary>
internal sealed class ResponseStreamMapper : IRunEventMapper, IOutputSink
{
    private readonly OutputItems _items;
    private readonly OutputItemList _done;
    private readonly string _runKey;
    private readonly List<SseEvent> _events = [];
    private readonly List<SseEvent> _held = [];
    private readonly Func<RunRecord, Problem?>? _failureOf;
    private readonly List<Type> _parts = [];
    private readonly HashSet<string> _calls = [];
    private string? _hosted;
    private readonly List<JsonElement> _tokens = [];
    private long _sequence;
    private string _status = "completed";

    /// <param name="run">The run.</param>
    /// <param name="failureOf">Why a run has no answer, for a stream whose beginning is held back until there is one; otherwise null.</param>
    public ResponseStreamMapper(RunRecord run, Func<RunRecord, Problem?>? failureOf = null)
    {
        _failureOf = failureOf;
        _runKey = ItemIds.KeyOf(run.Id);
        _done = new OutputItemList(_runKey);
        var tools = ResponseDetailsJson.ToolNames(run);
        _items = new OutputItems(call => tools.Contains(call.Name), this);
    }

    private int Index => _done.Items.Count;

    /// <summary>The last event of a run whose other events are not kept any more.</summary>
    public static SseEvent EndOf(RunRecord run, long sequence) => ToSse(EndOf(ResponseBody.From(run), sequence));

    public IReadOnlyList<SseEvent> Map(RunEvent happened)
    {
        _events.Clear();
        MapEvent(happened);
        if (_held.Count == 0) return _events;
        if (happened is RunEvent.Ended ended && _failureOf!(ended.Run) is { } failure)
        {
            // Nothing was said: the failure is the whole answer.
            _held.Clear();
            _events[^1] = _events[^1] with { Failure = failure };
            return [_events[^1]];
        }

        if (_events.Count == 0) return _events;
        return [.. Release(), .. _events];
    }

    public IReadOnlyList<SseEvent> Release()
    {
        SseEvent[] held = [.. _held];
        _held.Clear();
        return held;
    }

    private void MapEvent(RunEvent happened)
    {
        switch (happened)
        {
            case RunEvent.Started started:
                var response = ResponseBody.Begun(started.Run);
                Send(new WholeResponseEvent("response.created", _sequence++, response));
                Send(new WholeResponseEvent("response.in_progress", _sequence++, response));
                if (_failureOf is not null)
                {
                    _held.AddRange(_events);
                    _events.Clear();
                }

                break;
            case RunEvent.Updated { Update.RawRepresentation: WireEvent sent }:
                AddHostedEvent(sent.Data);
                break;
            case RunEvent.Updated updated:
                _items.Add(updated.Update);
                break;
            case RunEvent.Ended ended:
                var whole = ResponseBody.From(ended.Run);
                if (whole.Status != "completed") _status = "incomplete";
                _items.Close();
                AddUnknownCalls(ended.Run);
                Send(EndOf(whole, _sequence++));
                break;
        }
    }

    bool IOutputSink.Continues(AIContent content) => _done.Continues(content);

    void IOutputSink.Add(AIContent content)
    {
        if (content is TextReasoningContent reasoning) AddReasoning(reasoning);
        else AddText(content);
    }

    void IOutputSink.AddTokens(JsonElement tokens)
    {
        _tokens.AddRange(LogProbabilities.TokensOf(tokens));
        _done.AddTokens(tokens);
    }

    void IOutputSink.AddCall(FunctionCallContent call)
    {
        var index = Index;
        _calls.Add(call.CallId);
        _done.AddCall(call);
        if (_done.Items[^1] is CustomCallItem custom)
        {
            Send(new ItemEvent("response.output_item.added", _sequence++, index, custom with { Input = "", Status = "in_progress" }));
            Send(new ArgumentsDeltaEvent("response.custom_tool_call_input.delta", _sequence++, custom.Id, index, custom.Input));
            Send(new CustomInputDoneEvent("response.custom_tool_call_input.done", _sequence++, custom.Id, index, custom.Input));
            Send(new ItemEvent("response.output_item.done", _sequence++, index, custom));
            return;
        }

        var arguments = CallArguments.ToText(call);
        var item = (FunctionCallItem)_done.Items[^1];
        Send(new ItemEvent("response.output_item.added", _sequence++, index, item with { Arguments = "", Status = "in_progress" }));
        Send(new ArgumentsDeltaEvent("response.function_call_arguments.delta", _sequence++, item.Id, index, arguments));
        Send(new ArgumentsDoneEvent("response.function_call_arguments.done", _sequence++, item.Id, index, call.Name, arguments));
        Send(new ItemEvent("response.output_item.done", _sequence++, index, item));
    }

    void IOutputSink.AddHosted(AIContent item)
    {
        var index = Index;
        _done.AddHosted(item);
        if (_hosted is null) Send(new ItemEvent("response.output_item.added", _sequence++, index, _done.Items[^1]));
        Send(new ItemEvent("response.output_item.done", _sequence++, index, _done.Items[^1]));
        _hosted = null;
    }

    void IOutputSink.Annotate(JsonElement annotations)
    {
        if (_parts[^1] != typeof(TextContent)) return;
        var (id, number) = (ItemIds.OfOutput(ItemIds.Message, _runKey, Index), ((OutputTextPart)_done.LastPart).Annotations.Count);
        foreach (var annotation in annotations.EnumerateArray())
            Send(new AnnotationEvent("response.output_text.annotation.added", _sequence++, id, Index, _parts.Count - 1, number++, annotation));
        _done.Annotate(annotations);
    }

    void IOutputSink.Close()
    {
        var index = Index;
        var isMessage = _parts[0] != typeof(TextReasoningContent);
        _done.Close();
        var item = _done.Items[^1];
        if (isMessage)
        {
            var message = (MessageItem)item with { Status = _status };
            EndPart(message.Id, index, message.Content[^1]);
            item = message;
        }
        else if (((ReasoningItem)item).Summary is [SummaryPart summary])
        {
            Send(new SummaryDoneEvent("response.reasoning_summary_text.done", _sequence++, item.Id, index, 0, summary.Text));
            Send(new SummaryPartEvent("response.reasoning_summary_part.done", _sequence++, item.Id, index, 0, summary));
        }

        Send(new ItemEvent("response.output_item.done", _sequence++, index, item));
        _parts.Clear();
    }

    /// <summary>An item of the service begins, or something happens to it before it is complete.</summary>
    private void AddHostedEvent(JsonElement data)
    {
        var (type, index) = (data.GetProperty("type").GetString()!, Index);
        if (data.TryGetProperty("item", out var begun))
        {
            _items.Close();
            index = Index;
            var item = HostedItems.ToItem(begun, prefix => ItemIds.OfOutput(prefix, _runKey, index));
            _hosted = item.Id;
            Send(new ItemEvent(type, _sequence++, index, item));
        }
        else if (_hosted is not null)
        {
            var members = data.EnumerateObject().Where(m => m.Name is not ("type" or "sequence_number" or "item_id" or "output_index")).ToDictionary(m => m.Name, m => m.Value);
            Send(new HostedEvent(type, _sequence++, _hosted, index) { Members = members });
        }
    }

    /// <summary>Calls of functions that the caller declared inside of a tool of the service, or not at all: they are the caller's when nothing answered them.</summary>
    private void AddUnknownCalls(RunRecord run)
    {
        var isCallers = OutputItemList.CallersIn(run.Output);
        foreach (var call in run.Output.Where(m => m.Role == ChatRole.Assistant).SelectMany(m => m.Contents).OfType<FunctionCallContent>().Where(c => isCallers(c) && !_calls.Contains(c.CallId)))
            ((IOutputSink)this).AddCall(call);
    }

    private void Send(ResponseEvent sent) => _events.Add(ToSse(sent));

    private static SseEvent ToSse(ResponseEvent sent) => new(sent.SequenceNumber, sent.Type, sent, ResponsesJson.Default.GetTypeInfo(sent.GetType()));

    private static WholeResponseEvent EndOf(Response response, long sequence)
    {
        // The protocol has no event for a cancelled response; the status says it.
        var name = response.Status == "cancelled" ? "incomplete" : response.Status;
        return new WholeResponseEvent($"response.{name}", sequence, response);
    }

    private void AddText(AIContent content)
    {
        var id = ItemIds.OfOutput(ItemIds.Message, _runKey, Index);
        if (_parts.Count == 0)
            Send(new ItemEvent("response.output_item.added", _sequence++, Index, new MessageItem(id, "in_progress", "assistant", []) { Members = BesideContent.MembersOfItem(content) }));
        if (_parts.Count == 0 || _parts[^1] != content.GetType()) BeginPart(id, content);
        _done.Add(content);
        var (index, place, delta) = (Index, _parts.Count - 1, OutputText.TextOf(content));
        Send(content is ErrorContent
            ? new RefusalDeltaEvent("response.refusal.delta", _sequence++, id, index, place, delta)
            : new TextDeltaEvent("response.output_text.delta", _sequence++, id, index, place, delta) { LogProbabilities = [.. _tokens] });
        _tokens.Clear();
    }

    private void BeginPart(string id, AIContent content)
    {
        if (_parts.Count > 0) EndPart(id, Index, _done.LastPart);
        _parts.Add(content.GetType());
        Send(new PartEvent("response.content_part.added", _sequence++, id, Index, _parts.Count - 1, OutputText.PartOf(content.GetType(), "")));
    }

    private void EndPart(string id, int index, Part part)
    {
        var place = _parts.Count - 1;
        Send(part is RefusalPart refusal
            ? new RefusalDoneEvent("response.refusal.done", _sequence++, id, index, place, refusal.Refusal)
            : new TextDoneEvent("response.output_text.done", _sequence++, id, index, place, ((OutputTextPart)part).Text) { LogProbabilities = ((OutputTextPart)part).LogProbabilities });
        Send(new PartEvent("response.content_part.done", _sequence++, id, index, place, part));
    }

    private void AddReasoning(TextReasoningContent reasoning)
    {
        var id = ItemIds.OfOutput(ItemIds.Reasoning, _runKey, Index);
        if (_parts.Count == 0)
        {
            _parts.Add(typeof(TextReasoningContent));
            Send(new ItemEvent("response.output_item.added", _sequence++, Index, new ReasoningItem(id, [], "in_progress")));
        }

        _done.Add(reasoning);
        if (reasoning.Text.Length == 0) return;
        // The summary begins with the first text; a second entry marks that it has.
        if (_parts.Count == 1)
        {
            _parts.Add(typeof(SummaryPart));
            Send(new SummaryPartEvent("response.reasoning_summary_part.added", _sequence++, id, Index, 0, new SummaryPart("")));
        }

        Send(new SummaryDeltaEvent("response.reasoning_summary_text.delta", _sequence++, id, Index, 0, reasoning.Text));
    }
}
