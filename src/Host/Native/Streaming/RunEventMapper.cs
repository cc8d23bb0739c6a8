using Microsoft.Extensions.AI;
using PluginHost.Engine.Runs.Live;
using PluginHost.Native.Resources;
using PluginHost.Sdk;

namespace PluginHost.Native.Streaming;

/// <summary>
/// Turns the events of a run into those of the wire. An update with several contents becomes several events, one without any
/// becomes none, so the wire counts for itself. The count, like the index of a part, follows from the events since the first
/// one: whoever attaches again maps the run from its beginning and passes over what was seen, and meets the same ids.
/// </summary>
internal sealed class RunEventMapper(string runId)
{
    private readonly OutputPosition _position = new(runId);
    private readonly Dictionary<string, string> _tools = new(StringComparer.Ordinal);
    private long _id;

    public IEnumerable<WireEvent> Map(RunEvent happened) => happened switch
    {
        RunEvent.Started started => [Next("run.started", RunResource.Bare(started.Run))],
        RunEvent.Updated updated => MapUpdate(updated.Update),
        RunEvent.Ended ended => [Next(EndName(ended.Run.Status), RunResource.From(ended.Run))],
        _ => throw new ArgumentOutOfRangeException(nameof(happened), happened.GetType().Name, "The event is not known."),
    };

    /// <summary>The last event of a run whose other events are not kept any more.</summary>
    public static WireEvent EndOf(RunRecord run, long lastSeen) =>
        new(lastSeen + 1, EndName(run.Status), RunResource.From(run), ApiJson.Default.RunResource);

    private IEnumerable<WireEvent> MapUpdate(ChatResponseUpdate update)
    {
        _position.MoveTo(update);
        foreach (var content in update.Contents)
        {
            _position.MoveTo(content);
            if (MapContent(content) is { } mapped) yield return mapped;
        }
    }

    private WireEvent? MapContent(AIContent content)
    {
        switch (content)
        {
            case TextContent { Text.Length: > 0 } text:
                var delta = new MessageDelta(_position.MessageId, _position.Index, text.Text);
                return new WireEvent(++_id, "message.delta", delta, ApiJson.Default.MessageDelta);
            case FunctionCallContent call:
                _tools[call.CallId] = call.Name;
                return new WireEvent(++_id, "tool.started", new ToolStarted(call.CallId, call.Name), ApiJson.Default.ToolStarted);
            case FunctionResultContent result:
                var completed = new ToolCompleted(result.CallId, _tools.GetValueOrDefault(result.CallId, ""), ErrorOf(result));
                return new WireEvent(++_id, "tool.completed", completed, ApiJson.Default.ToolCompleted);
            default:
                return null;
        }
    }

    private WireEvent Next(string name, RunResource run) => new(++_id, name, run, ApiJson.Default.RunResource);

    private static string? ErrorOf(FunctionResultContent result) =>
        result.Exception is null ? null : result.Result?.ToString() ?? "The tool failed.";

    private static string EndName(RunStatus status) => $"run.{RunResource.StatusText(status)}";
}
