using System.Text.Json.Nodes;

namespace PluginHost.ModelServer;

/// <summary>The protocol of <c>POST /v1/chat/completions</c>.</summary>
internal sealed class ChatProtocol : IModelProtocol
{
    private readonly string _id = $"chatcmpl-{Guid.NewGuid():N}";

    public JsonObject CreateBody(ModelReply reply, JsonObject request)
    {
        var message = new JsonObject
        {
            ["role"] = "assistant",
            ["content"] = reply.ToolCalls.Count > 0 ? null : string.Concat(reply.Text),
            ["refusal"] = null,
        };
        if (reply.ToolCalls.Count > 0) message["tool_calls"] = new JsonArray([.. reply.ToolCalls.Select(JsonNode (c) => Call(c, c.Arguments))]);

        var body = CreateEnvelope("chat.completion", request);
        body["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message, ["finish_reason"] = reply.FinishReason });
        if (!reply.OmitUsage) body["usage"] = CreateUsage();
        return body;
    }

    public IEnumerable<StreamEvent> CreateEvents(ModelReply reply, JsonObject request)
    {
        yield return Chunk(new() { ["role"] = "assistant", ["content"] = reply.NullFirstDelta ? null : "" });
        if (reply.ToolCalls.Count == 0)
        {
            foreach (var piece in reply.Text) yield return Chunk(new() { ["content"] = piece }) with { IsText = true };
        }

        for (var i = 0; i < reply.ToolCalls.Count; i++)
        {
            var call = reply.ToolCalls[i];
            var middle = call.Arguments.Length / 2;
            yield return Chunk(Indexed(i, Call(call, "")));
            yield return Chunk(Indexed(i, Arguments(call.Arguments[..middle])));
            yield return Chunk(Indexed(i, Arguments(call.Arguments[middle..])));
        }

        yield return Chunk([], reply.FinishReason) with { IsEnd = true };
        var includeUsage = request["stream_options"]?["include_usage"]?.GetValue<bool>() ?? false;
        if (includeUsage && !reply.OmitUsage)
        {
            var last = CreateEnvelope("chat.completion.chunk", request);
            last["choices"] = new JsonArray();
            last["usage"] = CreateUsage();
            yield return new(last, IsEnd: true);
        }

        yield return new(null, IsEnd: true);

        StreamEvent Chunk(JsonObject delta, string? finish = null)
        {
            var chunk = CreateEnvelope("chat.completion.chunk", request);
            chunk["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = finish });
            return new(chunk);
        }
    }

    public JsonObject CreateErrorEvent(ModelReply reply) => FakeModel.CreateError(reply);

    private static JsonObject Call(ModelToolCall call, string arguments) => new()
    {
        ["id"] = call.Id,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = arguments },
    };

    private static JsonObject Arguments(string fragment) => new() { ["function"] = new JsonObject { ["arguments"] = fragment } };

    private static JsonObject Indexed(int index, JsonObject call)
    {
        call["index"] = index;
        return new() { ["tool_calls"] = new JsonArray(call) };
    }

    private static JsonObject CreateUsage() => new() { ["prompt_tokens"] = 7, ["completion_tokens"] = 2, ["total_tokens"] = 9 };

    private JsonObject CreateEnvelope(string kind, JsonObject request) => new()
    {
        ["id"] = _id,
        ["object"] = kind,
        ["created"] = 1_700_000_000,
        ["model"] = request["model"]?.DeepClone(),
    };
}
