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

    public static string ToName(MessageOrigin part) => part switch
    {
        MessageOrigin.Output => "output",
        MessageOrigin.Context => "context",
        _ => "input",
    };

    public static MessageOrigin ToPart(string? name) => name switch
    {
        "input" => MessageOrigin.Input,
        "output" => MessageOrigin.Output,
        "context" => MessageOrigin.Context,
        _ => throw new JsonException($"Unknown part '{name}'."),
    };
}
