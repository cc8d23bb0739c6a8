using System.Text.Json;

namespace PluginHost.Sdk;

/// <summary>The names of enum values in documents.</summary>
internal static class DocumentEnums
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

    public static string ToName(MessageOrigin origin) => origin switch
    {
        MessageOrigin.Output => "output",
        MessageOrigin.Context => "context",
        _ => "input",
    };

    public static MessageOrigin ToOrigin(string? name) => name switch
    {
        "input" => MessageOrigin.Input,
        "output" => MessageOrigin.Output,
        "context" => MessageOrigin.Context,
        _ => throw new JsonException($"Unknown origin '{name}'."),
    };
}
