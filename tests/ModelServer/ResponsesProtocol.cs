using System.Text.Json.Nodes;

namespace PluginHost.ModelServer;

/// <summary>The protocol of <c>POST /v1/responses</c>: text and function calls, streamed or not.</summary>
internal sealed class ResponsesProtocol : IModelProtocol
{
    private readonly string _id = $"resp_{Guid.NewGuid():N}";
    private readonly string _item = $"item_{Guid.NewGuid():N}";

    public JsonObject CreateBody(ModelReply reply, JsonObject request) =>
        CreateResponse("completed", request, [.. Enumerable.Range(0, CountItems(reply)).Select(i => CreateItem(reply, i, "completed"))], reply);

    public IEnumerable<StreamEvent> CreateEvents(ModelReply reply, JsonObject request)
    {
        var number = 0;
        yield return Event("response.created", new() { ["response"] = CreateResponse("in_progress", request, [], null) });
        for (var i = 0; i < CountItems(reply); i++)
        {
            yield return Event("response.output_item.added", new() { ["output_index"] = i, ["item"] = CreateItem(reply, i, "in_progress") });
            foreach (var (type, data) in CreateDeltas(reply, i))
            {
                data["item_id"] = GetItemId(i);
                data["output_index"] = i;
                yield return Event(type, data) with { IsText = type == "response.output_text.delta" };
            }

            yield return Event("response.output_item.done", new() { ["output_index"] = i, ["item"] = CreateItem(reply, i, "completed") });
        }

        yield return Event("response.completed", new() { ["response"] = CreateBody(reply, request) }) with { IsEnd = true };

        StreamEvent Event(string type, JsonObject data)
        {
            data["type"] = type;
            data["sequence_number"] = number++;
            return new(data);
        }
    }

    public JsonObject CreateErrorEvent(ModelReply reply)
    {
        // The service sends the error nested, although its documentation shows the members of "error" at the top level.
        var error = FakeModel.CreateError(reply);
        (error["type"], error["sequence_number"]) = ("error", 99);
        return error;
    }

    private static IEnumerable<(string Type, JsonObject Data)> CreateDeltas(ModelReply reply, int index)
    {
        if (reply.ToolCalls.Count > 0)
        {
            yield return ("response.function_call_arguments.delta", new() { ["delta"] = reply.ToolCalls[index].Arguments });
            yield return ("response.function_call_arguments.done", new() { ["arguments"] = reply.ToolCalls[index].Arguments });
            yield break;
        }

        foreach (var piece in reply.Text) yield return ("response.output_text.delta", new() { ["content_index"] = 0, ["delta"] = piece });
        yield return ("response.output_text.done", new() { ["content_index"] = 0, ["text"] = string.Concat(reply.Text) });
    }

    private static int CountItems(ModelReply reply) => Math.Max(1, reply.ToolCalls.Count);

    private string GetItemId(int index) => $"{_item}_{index}";

    private JsonObject CreateItem(ModelReply reply, int index, string status)
    {
        var item = new JsonObject { ["id"] = GetItemId(index), ["status"] = status };
        var complete = status == "completed";
        if (reply.ToolCalls.Count > 0)
        {
            var call = reply.ToolCalls[index];
            item["type"] = "function_call";
            (item["call_id"], item["name"], item["arguments"]) = (call.Id, call.Name, complete ? call.Arguments : "");
            return item;
        }

        item["type"] = "message";
        item["role"] = "assistant";
        item["content"] = complete
            ? new JsonArray(new JsonObject { ["type"] = "output_text", ["text"] = string.Concat(reply.Text), ["annotations"] = new JsonArray() })
            : [];
        return item;
    }

    private JsonObject CreateResponse(string status, JsonObject request, JsonNode[] output, ModelReply? reply) => new()
    {
        ["id"] = _id,
        ["object"] = "response",
        ["created_at"] = 1_700_000_000,
        ["status"] = status,
        ["error"] = null,
        ["incomplete_details"] = null,
        ["instructions"] = null,
        ["metadata"] = new JsonObject(),
        ["model"] = request["model"]?.DeepClone(),
        ["output"] = new JsonArray(output),
        ["parallel_tool_calls"] = true,
        ["temperature"] = 1,
        ["tool_choice"] = "auto",
        ["tools"] = new JsonArray(),
        ["top_p"] = 1,
        ["previous_response_id"] = request["previous_response_id"]?.DeepClone(),
        ["usage"] = reply is null or { OmitUsage: true } ? null : new JsonObject
        {
            ["input_tokens"] = 7,
            ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = 0 },
            ["output_tokens"] = 2,
            ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 0 },
            ["total_tokens"] = 9,
        },
    };
}
