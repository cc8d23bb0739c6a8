using System.Text.Json.Nodes;

namespace PluginHost.ModelServer.Anthropic;

/// <summary>One answer of the server, in the blocks of Anthropic's interface.</summary>
/// <param name="Blocks">The blocks.</param>
public sealed record AnthropicReply(params JsonObject[] Blocks)
{
    /// <summary>Why the answer ends; null for the reason that fits the blocks.</summary>
    public string? StopReason { get; init; }

    public int Status { get; init; } = 200;

    /// <summary>The type and the message of the error: of the answer, or in the middle of it when the status is 200.</summary>
    public (string Type, string Message)? Error { get; init; }

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Members of the usage beside or instead of those of every answer.</summary>
    public JsonObject Usage { get; init; } = [];

    /// <summary>Whether the connection breaks in the middle of the answer.</summary>
    public bool BreakOff { get; init; }

    /// <summary>Whether the answer ends after its blocks, without its end.</summary>
    public bool EndEarly { get; init; }

    /// <summary>Where the server waits after the first block, with a ping as the last sign of life.</summary>
    public Hold? AfterFirstBlock { get; init; }

    /// <summary>Where the server waits behind the answer, with the connection open, as proxies leave it.</summary>
    public Hold? AfterEnd { get; init; }

    /// <summary>How many bytes are sent at a time.</summary>
    public int PieceBytes { get; init; } = int.MaxValue;

    public string EndReason => StopReason ?? (Blocks.Any(b => (string)b["type"]! == "tool_use") ? "tool_use" : "end_turn");

    public static JsonObject Text(string text) => new() { ["type"] = "text", ["text"] = text };

    public static JsonObject Thinking(string thinking, string signature) => new() { ["type"] = "thinking", ["thinking"] = thinking, ["signature"] = signature };

    public static JsonObject Redacted(string data) => new() { ["type"] = "redacted_thinking", ["data"] = data };

    public static JsonObject ToolUse(string id, string name, JsonObject input) => new() { ["type"] = "tool_use", ["id"] = id, ["name"] = name, ["input"] = input };
}
