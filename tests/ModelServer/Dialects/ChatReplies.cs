using System.Text;
using System.Text.Json.Nodes;

namespace PluginHost.ModelServer.Dialects;

/// <summary>Makes answers of chat completions from a message: whole, or in small pieces.</summary>
public static class ChatReplies
{
    /// <param name="request">Decides whether events are sent.</param>
    /// <param name="message">The message as a whole answer has it.</param>
    /// <param name="finish">The finish reason; null for the one that follows from the message.</param>
    /// <param name="hasIndex">Whether each tool call has its index; otherwise all have 0.</param>
    public static WireReply From(WireRequest request, JsonObject message, string? finish = null, bool hasIndex = true)
    {
        finish ??= message["tool_calls"] is null ? "stop" : "tool_calls";
        if (!request.IsStreamed) return new WireReply(200, Whole(message, finish).ToJsonString());
        var text = new StringBuilder();
        foreach (var delta in Deltas(message, hasIndex)) Append(text, Chunk(delta, null));
        Append(text, Chunk([], finish));
        if ((bool?)request.Body["stream_options"]?["include_usage"] ?? false) Append(text, Usage());
        text.Append("data: [DONE]\n\n");
        return new WireReply(200, text.ToString()) { ContentType = "text/event-stream" };
    }

    public static JsonObject Whole(JsonObject message, string finish) => new()
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion",
        ["created"] = 1_700_000_000,
        ["model"] = "m",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message.DeepClone(), ["finish_reason"] = finish }),
        ["usage"] = Tokens(),
    };

    public static JsonObject Call(string id, string name, string arguments) => new()
    {
        ["id"] = id,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments },
    };

    private static IEnumerable<JsonObject> Deltas(JsonObject message, bool hasIndex)
    {
        yield return new() { ["role"] = "assistant", ["content"] = null };
        foreach (var (name, value) in message.Where(m => m.Key is not ("role" or "tool_calls") && m.Value is not null))
        {
            if (value is JsonValue single && single.TryGetValue(out string? text))
            {
                foreach (var piece in text.Chunk(4)) yield return new() { [name] = new string(piece) };
            }
            else
            {
                yield return new() { [name] = value!.DeepClone() };
            }
        }

        var index = 0;
        foreach (var call in message["tool_calls"]?.AsArray() ?? [])
        {
            var head = (JsonObject)call!.DeepClone();
            var (kind, text) = head["custom"] is null ? ("function", "arguments") : ("custom", "input");
            var arguments = (string)head[kind]![text]!;
            head["index"] = hasIndex ? index : 0;
            if (hasIndex) head[kind]![text] = "";
            yield return new() { ["tool_calls"] = new JsonArray(head) };
            foreach (var piece in hasIndex ? arguments.Chunk(3) : [])
                yield return new() { ["tool_calls"] = new JsonArray(new JsonObject { ["index"] = index, [kind] = new JsonObject { [text] = new string(piece) } }) };
            index++;
        }
    }

    private static JsonObject Chunk(JsonObject delta, string? finish) => new()
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion.chunk",
        ["created"] = 1_700_000_000,
        ["model"] = "m",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finish }),
    };

    private static JsonObject Usage()
    {
        var chunk = Chunk([], null);
        (chunk["choices"], chunk["usage"]) = (new JsonArray(), Tokens());
        return chunk;
    }

    private static JsonObject Tokens() => new() { ["prompt_tokens"] = 3, ["completion_tokens"] = 4, ["total_tokens"] = 7 };

    private static void Append(StringBuilder text, JsonObject chunk) => text.Append("data: ").Append(chunk.ToJsonString()).Append("\n\n");
}
