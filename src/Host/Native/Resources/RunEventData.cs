using System.ComponentModel;
using PluginHost.Http.Description;

namespace PluginHost.Native.Resources;

/// <summary>Describes the events of a run.</summary>
internal static class RunEventData
{
    public static StreamDescription Description { get; } = new(
        "Server-sent events, each with an id that rises by one and JSON as data: run.started (Run without output), message.delta (MessageDelta), "
        + "tool.started (ToolStarted), tool.completed (ToolCompleted), approval.required and approval.decided (Approval), input.added (Message, "
        + "which was added to the run), and at the end one of run.completed, run.failed, run.cancelled, run.requires_action (Run).",
        [typeof(RunResource), typeof(ApprovalResource), typeof(MessageResource)],
        typeof(MessageDelta),
        typeof(ToolStarted),
        typeof(ToolCompleted));
}

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
    [property: Description("What the model received, when the tool failed.")] string? Error);
