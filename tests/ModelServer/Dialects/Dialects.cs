using System.Text.Json.Nodes;

namespace PluginHost.ModelServer.Dialects;

/// <summary>
/// DeepSeek: the reasoning of a call has to come back as it was said, in every later request; the reasoning of an answer in a turn
/// without calls is refused.
/// </summary>
public sealed class DeepSeek : ToolDialect
{
    protected override WireReply? Refuse(WireRequest request)
    {
        foreach (var (sent, said) in Calls(request))
        {
            if ((string?)sent["reasoning_content"] != (string?)said["reasoning_content"])
                return WireReply.Error(400, "The `reasoning_content` in the thinking mode must be passed back to the API.", "invalid_request_error");
        }

        var hasCalls = request.Messages.Any(m => m["tool_calls"] is not null);
        return !hasCalls && request.Messages.Any(m => m["reasoning_content"] is not null)
            ? WireReply.Error(400, "The reasoning_content is an intermediate result for display purposes only and will not be included in the context.", "invalid_request_error")
            : null;
    }

    protected override JsonObject Call(string tool, int number)
    {
        var call = base.Call(tool, number);
        call["reasoning_content"] = $"I need the tool, {number}.\n";
        return call;
    }

    protected override JsonObject Say(int number) => new() { ["role"] = "assistant", ["content"] = $"answer {number}", ["reasoning_content"] = $"Now I know, {number}." };
}

/// <summary>Kimi: each answer with calls needs its reasoning, in every turn.</summary>
public sealed class Kimi : ToolDialect
{
    protected override WireReply? Refuse(WireRequest request)
    {
        for (var i = 0; i < request.Messages.Count; i++)
        {
            var message = request.Messages[i];
            if (message["tool_calls"] is not null && message["reasoning_content"] is null)
                return WireReply.Error(400, $"thinking is enabled but reasoning_content is missing in assistant tool call message at index {i}");
        }

        return null;
    }

    protected override JsonObject Call(string tool, int number)
    {
        var call = base.Call(tool, number);
        call["reasoning_content"] = $"Let me look, {number}";
        return call;
    }
}

/// <summary>Gemini's compatible endpoint: calls carry a signature that has to come back; all calls have the index 0; errors are in a list.</summary>
public sealed class Gemini : ToolDialect
{
    protected override WireReply? Refuse(WireRequest request)
    {
        foreach (var (sent, said) in Calls(request))
        {
            for (var i = 0; i < said["tool_calls"]!.AsArray().Count; i++)
            {
                if (!JsonNode.DeepEquals(sent["tool_calls"]!.AsArray().ElementAtOrDefault(i)?["extra_content"], said["tool_calls"]![i]!["extra_content"]))
                {
                    return new WireReply(400, """[{"error":{"code":400,"message":"Function call is missing a thought_signature in functionCall parts.","status":"INVALID_ARGUMENT"}}]""");
                }
            }
        }

        return null;
    }

    protected override WireReply Reply(WireRequest request, JsonObject message) => ChatReplies.From(request, message, hasIndex: false);

    protected override JsonObject Call(string tool, int number)
    {
        var calls = new JsonArray();
        for (var i = 0; i < 2; i++)
        {
            var call = ChatReplies.Call($"call_{number}_{i}", tool, Arguments);
            call["extra_content"] = new JsonObject { ["google"] = new JsonObject { ["thought_signature"] = $"c2ln{number}{i}==" } };
            calls.Add(call);
        }

        return new() { ["role"] = "assistant", ["content"] = null, ["tool_calls"] = calls };
    }
}

/// <summary>Ollama: reasoning in the member <c>reasoning</c>; it ignores <c>max_completion_tokens</c>, so that one who sends it gets an answer cut nowhere.</summary>
public sealed class Ollama : ToolDialect
{
    protected override WireReply? Refuse(WireRequest request) => null;

    protected override JsonObject Call(string tool, int number)
    {
        var call = base.Call(tool, number);
        (call["content"], call["reasoning"]) = ("", $"Hmm, {number}.");
        return call;
    }
}

/// <summary>Mistral: refuses every field that it does not know; reasoning is a part of the content.</summary>
public sealed class Mistral : ToolDialect
{
    private static readonly HashSet<string> Known =
        ["model", "messages", "tools", "tool_choice", "stream", "stream_options", "temperature", "top_p", "max_tokens", "stop", "random_seed", "parallel_tool_calls", "safe_prompt", "response_format"];

    private static readonly HashSet<string> KnownOfMessages = ["role", "content", "tool_calls", "tool_call_id", "name", "prefix"];

    protected override WireReply? Refuse(WireRequest request)
    {
        var unknown = request.Body.Select(m => m.Key).Where(k => !Known.Contains(k))
            .Concat(request.Messages.SelectMany(m => m.Select(p => p.Key)).Where(k => !KnownOfMessages.Contains(k))).FirstOrDefault();
        unknown ??= request.Messages.FirstOrDefault(m => (string?)m["role"] == "developer") is null ? null : "developer";
        if (unknown is not null)
            return new WireReply(422, $$"""{"detail":[{"type":"extra_forbidden","loc":["body","{{unknown}}"],"msg":"Extra inputs are not permitted: {{unknown}}"}]}""");
        return Calls(request).All(c => JsonNode.DeepEquals(c.Sent["content"], c.Said["content"])) ? null : WireReply.Error(400, "The thinking part is missing.");
    }

    protected override JsonObject Call(string tool, int number)
    {
        var call = base.Call(tool, number);
        call["content"] = new JsonArray(new JsonObject
        {
            ["type"] = "thinking",
            ["thinking"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = $"I think, {number}." }),
        });
        return call;
    }
}

/// <summary>llama.cpp: answers a streaming request with a document when the proxy before it buffers; takes one system message, at the beginning.</summary>
public sealed class LlamaCpp : ToolDialect
{
    protected override WireReply? Refuse(WireRequest request) =>
        request.Messages.Skip(1).Any(m => (string?)m["role"] == "system") ? WireReply.Error(500, "System message must be at the beginning.") : null;

    protected override WireReply Reply(WireRequest request, JsonObject message) =>
        new(200, ChatReplies.Whole(message, message["tool_calls"] is null ? "stop" : "tool_calls").ToJsonString());
}
