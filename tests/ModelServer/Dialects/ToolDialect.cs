using System.Text.Json.Nodes;

namespace PluginHost.ModelServer.Dialects;

/// <summary>
/// A chat model that calls the first tool it is given whenever the user speaks, then answers with text. It remembers what it said, and
/// what it insists on decides whether it takes the next request.
/// </summary>
public abstract class ToolDialect : IDialect
{
    private readonly List<JsonObject> _said = [];

    /// <summary>The arguments of its calls: not as a serializer would write them.</summary>
    public const string Arguments = "{ \"fact\":\"caf\\u00e9 \\/ tea\",  \"n\": 1.0 }";

    public string ToolArguments { get; init; } = Arguments;

    /// <summary>The messages that it gave, in order.</summary>
    public IReadOnlyList<JsonObject> Said => _said;

    public WireReply Answer(WireRequest request)
    {
        if (Refuse(request) is { } refusal) return refusal;
        var tool = request.Body["tools"]?[0]?["function"]?["name"]?.ToString();
        var last = request.Messages[^1]["role"]!.ToString();
        var message = tool is not null && last == "user" ? Call(tool, _said.Count) : Say(_said.Count);
        _said.Add(message);
        return Reply(request, message);
    }

    protected virtual WireReply Reply(WireRequest request, JsonObject message) => ChatReplies.From(request, message);

    /// <summary>Why the server does not take a request; null when it does.</summary>
    protected abstract WireReply? Refuse(WireRequest request);

    protected virtual JsonObject Call(string tool, int number) => new()
    {
        ["role"] = "assistant",
        ["content"] = null,
        ["tool_calls"] = new JsonArray(ChatReplies.Call($"call_{number}", tool, ToolArguments)),
    };

    protected virtual JsonObject Say(int number) => new() { ["role"] = "assistant", ["content"] = $"answer {number}" };

    /// <summary>The answers in a request that call a tool, each with what the server said with that call.</summary>
    protected IEnumerable<(JsonObject Sent, JsonObject Said)> Calls(WireRequest request) =>
        from sent in request.Messages
        where (string?)sent["role"] == "assistant" && sent["tool_calls"] is not null
        let id = (string?)sent["tool_calls"]![0]!["id"]
        let said = _said.Find(s => (string?)s["tool_calls"]?[0]?["id"] == id)
        where said is not null
        select (sent, said);
}
