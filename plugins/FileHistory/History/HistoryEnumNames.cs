using System.Text.Json;

namespace PluginHost.Files.History;

/// <summary>How enumerations are written in history files.</summary>
internal static class Words
{
    public static string Of(RunOutcome outcome) => outcome switch
    {
        RunOutcome.Failed => "failed",
        RunOutcome.Cancelled => "cancelled",
        _ => "completed",
    };

    public static RunOutcome Outcome(string? word) => word switch
    {
        "completed" => RunOutcome.Completed,
        "failed" => RunOutcome.Failed,
        "cancelled" => RunOutcome.Cancelled,
        _ => throw new JsonException($"'{word}' is no outcome"),
    };

    public static string Of(MessagePart part) => part switch
    {
        MessagePart.Output => "output",
        MessagePart.Context => "context",
        _ => "input",
    };

    public static MessagePart Part(string? word) => word switch
    {
        "input" => MessagePart.Input,
        "output" => MessagePart.Output,
        "context" => MessagePart.Context,
        _ => throw new JsonException($"'{word}' is no part"),
    };
}
