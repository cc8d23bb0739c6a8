using System.ComponentModel;
using System.Text.Json.Serialization.Metadata;

namespace PluginHost.Native.Streaming;

/// <summary>An event of a run as it goes over the wire.</summary>
/// <param name="Id">Rises by one with each event of the run, from 1.</param>
/// <param name="Name">For example <c>message.delta</c>.</param>
/// <param name="Data">The payload.</param>
/// <param name="Type">How the payload is written.</param>
internal readonly record struct WireEvent(long Id, string Name, object Data, JsonTypeInfo Type);

[Description("message.delta: text that is to be added to a part of an output message.")]
internal sealed record MessageDelta(
    string MessageId,
    [property: Description("The part's index in the message's content.")] int Index,
    string Text);

[Description("tool.started: the model has called a tool.")]
internal sealed record ToolStarted(string CallId, string Name);

[Description("tool.completed: a tool has returned.")]
internal sealed record ToolCompleted(
    string CallId,
    string Name,
    [property: Description("What the model was told, when the tool failed.")] string? Error);
