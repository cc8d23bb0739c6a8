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
internal sealed class ResponseStreamMapper : IRunEventMapper
{
    private readonly OutputItems _items;
    private readonly ResponseItemEvents _sink;
    private readonly List<SseEvent> _events = [];
    private readonly List<SseEvent> _held = [];
    private readonly Func<RunRecord, Problem?>? _failureOf;
    private readonly string? _behind;
    private bool _hasBegun;
    private RunRecord? _run;

    /// <param name="run">The run.</param>
    /// <param name="behind">The approval behind whose decision the stream begins; null for all of it.</param>
    /// <param name="failureOf">Why a run has no answer, for a stream whose beginning is held back until there is one; otherwise null.</param>
    public ResponseStreamMapper(RunRecord run, Func<RunRecord, Problem?>? failureOf = null, string? behind = null)
    {
        _behind = behind;
        _failureOf = failureOf;
        _sink = new ResponseItemEvents(ItemIds.KeyOf(run.Id), Send);
        var tools = ResponseDetailsJson.ToolNames(run);
        _items = new OutputItems(call => tools.Contains(call.Name), _sink);
    }

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
                _run = started.Run;
                if (_behind is null) Begin();
                break;
            case RunEvent.Updated { Update: var update } when ParkedMark.Is(update):
                // The number of the event that ended the stream before.
                _sink.SkipNumbers(1);
                break;
            case RunEvent.Updated { Update.Contents: var contents } when !_hasBegun && contents.OfType<ToolApprovalResponseContent>().Any(d => d.RequestId == _behind):
                _sink.BeginHere();
                Begin();
                break;
            case RunEvent.Updated updated when ResumedMark.Is(updated.Update):
                _sink.SkipNumbers(ResumedMark.Gap);
                break;
            case RunEvent.Updated { Update.RawRepresentation: WireEvent sent }:
                if (sent.Data.TryGetProperty("item", out _)) _items.Close();
                _sink.AddEvent(sent.Data);
                break;
            case RunEvent.Updated updated:
                _items.Add(updated.Update);
                break;
            case RunEvent.Ended ended:
                if (!_hasBegun) Begin();
                var whole = ResponseBody.From(ended.Run, behind: _behind);
                _sink.IsCut = whole.Status != "completed";
                _items.Close();
                AddUnknownCalls(ended.Run);
                Send(EndOf(whole, _sink.NextNumber()));
                break;
        }
    }

    private void Begin()
    {
        _hasBegun = true;
        var response = ResponseBody.Begun(_run!);
        Send(new WholeResponseEvent("response.created", _sink.NextNumber(), response));
        Send(new WholeResponseEvent("response.in_progress", _sink.NextNumber(), response));
        if (_failureOf is null) return;
        _held.AddRange(_events);
        _events.Clear();
    }

    /// <summary>Calls of functions that the caller declared inside of a tool of the service, or not at all: they are the caller's when nothing answered them.</summary>
    private void AddUnknownCalls(RunRecord run)
    {
        var isCallers = OutputItemList.CallersIn(run.Output);
        foreach (var call in run.Output.Where(m => m.Role == ChatRole.Assistant).SelectMany(m => m.Contents).OfType<FunctionCallContent>().Where(c => isCallers(c) && !_sink.HasCall(c.CallId)))
            _sink.AddCall(call);
    }

    private void Send(ResponseEvent sent)
    {
        if (_hasBegun) _events.Add(ToSse(sent));
    }

    private static SseEvent ToSse(ResponseEvent sent) => new(sent.SequenceNumber, sent.Type, sent, ResponsesJson.Default.GetTypeInfo(sent.GetType()));

    private static WholeResponseEvent EndOf(Response response, long sequence)
    {
        // The protocol has no event for a cancelled response; the status says it.
        var name = response.Status == "cancelled" ? "incomplete" : response.Status;
        return new WholeResponseEvent($"response.{name}", sequence, response);
    }
}
