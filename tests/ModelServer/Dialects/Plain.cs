using System.Text.Json.Nodes;

namespace PluginHost.ModelServer.Dialects;

/// <summary>A server of both interfaces that takes everything and gives its answers in order; then "ok".</summary>
/// <param name="replies">The messages of chat completions.</param>
public sealed class Plain(params JsonObject[] replies) : IDialect
{
    private int _next = -1;

    /// <summary>The finish reason of all answers; null for the one that follows from the message.</summary>
    public string? Finish { get; init; }

    public WireReply Answer(WireRequest request)
    {
        if (request.Path.EndsWith("/responses", StringComparison.Ordinal)) return new WireReply(200, Response.ToJsonString());
        var index = Interlocked.Increment(ref _next);
        return ChatReplies.From(request, index < replies.Length ? replies[index] : new JsonObject { ["role"] = "assistant", ["content"] = "ok" }, Finish);
    }

    private static JsonObject Response => new()
    {
        ["id"] = "resp_1",
        ["object"] = "response",
        ["status"] = "completed",
        ["store"] = false,
        ["output"] = new JsonArray(new JsonObject
        {
            ["id"] = "msg_1",
            ["type"] = "message",
            ["role"] = "assistant",
            ["content"] = new JsonArray(new JsonObject { ["type"] = "output_text", ["text"] = "ok" }),
        }),
    };
}
