using System.Text.Json;

namespace PluginHost.Files.History;

/// <summary>The names of enum values in history files.</summary>
internal static class HistoryEnumNames
{
    public static string ToName(RunOutcome outcome) => outcome switch
    {
        RunOutcome.Failed => "failed",
        RunOutcome.Cancelled => "cancelled",
        _ => "completed",
    };

    public static RunOutcome ToOutcome(string? name) => name switch
    {
        "completed" => RunOutcome.Completed,
        "failed" => RunOutcome.Failed,
        "cancelled" => RunOutcome.Cancelled,
        _ => throw new JsonException($"Unknown outcome '{name}'."),
    };

    public static string ToName(MessagePart part) => part switch
    {
        MessagePart.Output => "output",
        MessagePart.Context => "context",
        _ => "input",
    };

    public static MessagePart ToPart(string? name) => name switch
    {
        "input" => MessagePart.Input,
        "output" => MessagePart.Output,
        "context" => MessagePart.Context,
        _ => throw new JsonException($"Unknown part '{name}'."),
    };
}
