using System.Text;
using System.Text.Json.Nodes;

namespace PluginHost.ModelServer.Dialects;

/// <summary>
/// OpenAI's Responses interface with a reasoning model: it does not know items that it did not store, it gives encrypted reasoning only
/// when asked, and a call has to come back with the reasoning that led to it.
/// </summary>
/// <param name="hasEncrypted">Whether the model gives encrypted reasoning; others refuse to be asked.</param>
public sealed class OpenAIResponses(bool hasEncrypted = true) : IDialect
{
    public const string Arguments = ToolDialect.Arguments;

    private readonly HashSet<string> _stored = [];
    private readonly Dictionary<string, string> _reasoningOfCalls = [];
    private int _count;

    public WireReply Answer(WireRequest request)
    {
        var isStored = (bool?)request.Body["store"] ?? true;
        var asks = request.Body["include"]?.AsArray().Any(i => (string?)i == "reasoning.encrypted_content") ?? false;
        if (asks && !hasEncrypted) return WireReply.Error(400, "Encrypted content is not supported with this model.", "invalid_value", "include");
        if (Refuse(request) is { } refusal) return refusal;
        var number = _count++;
        var tool = request.Body["tools"]?[0]?["name"]?.ToString();
        var calls = tool is not null && (string?)request.Input[^1]["type"] != "function_call_output";
        List<JsonObject> output = [Reasoning(number, asks), calls ? Call(number, tool!) : Message(number)];
        if (calls) _reasoningOfCalls[$"call_{number}"] = $"enc{number}";
        if (isStored)
        {
            _stored.Add($"resp_{number}");
            foreach (var item in output) _stored.Add((string)item["id"]!);
        }

        var response = new JsonObject
        {
            ["id"] = $"resp_{number}",
            ["object"] = "response",
            ["status"] = "completed",
            ["store"] = isStored,
            ["model"] = "m",
            ["output"] = new JsonArray([.. output.Select(o => o.DeepClone())]),
            ["usage"] = new JsonObject { ["input_tokens"] = 3, ["output_tokens"] = 4, ["total_tokens"] = 7 },
        };
        return request.IsStreamed ? Events(response, output) : new WireReply(200, response.ToJsonString());
    }

    private WireReply? Refuse(WireRequest request)
    {
        if ((string?)request.Body["previous_response_id"] is { } previous && !_stored.Contains(previous))
            return WireReply.Error(400, $"Previous response with id '{previous}' not found.", "previous_response_not_found", "previous_response_id");
        string? before = null;
        foreach (var item in request.Input)
        {
            if ((string?)item["id"] is { } id && !_stored.Contains(id) && item["encrypted_content"] is null)
                return WireReply.Error(404, $"Item with id '{id}' not found. Items are not persisted when `store` is set to false.", null, "input");
            if ((string?)item["type"] == "function_call" && hasEncrypted && before != _reasoningOfCalls.GetValueOrDefault((string)item["call_id"]!))
                return WireReply.Error(400, "Item of type 'function_call' was provided without its required 'reasoning' item.", null, "input");
            before = (string?)item["type"] == "reasoning" ? (string?)item["encrypted_content"] : null;
        }

        return null;
    }

    private static JsonObject Reasoning(int number, bool isEncrypted)
    {
        var item = new JsonObject
        {
            ["id"] = $"rs_{number}",
            ["type"] = "reasoning",
            ["summary"] = new JsonArray([.. new[] { "First", "Second" }.Select(JsonNode (t) => new JsonObject { ["type"] = "summary_text", ["text"] = $"{t} {number}" })]),
        };
        if (isEncrypted) item["encrypted_content"] = $"enc{number}";
        return item;
    }

    private static JsonObject Call(int number, string tool) => new()
    {
        ["id"] = $"fc_{number}",
        ["type"] = "function_call",
        ["status"] = "completed",
        ["call_id"] = $"call_{number}",
        ["name"] = tool,
        ["arguments"] = Arguments,
    };

    private static JsonObject Message(int number) => new()
    {
        ["id"] = $"msg_{number}",
        ["type"] = "message",
        ["status"] = "completed",
        ["role"] = "assistant",
        ["phase"] = "final_answer",
        ["content"] = new JsonArray(new JsonObject { ["type"] = "output_text", ["text"] = $"answer {number}", ["annotations"] = new JsonArray() }),
    };

    private static WireReply Events(JsonObject response, List<JsonObject> output)
    {
        var text = new StringBuilder();
        var number = 0;
        var begun = (JsonObject)response.DeepClone();
        (begun["output"], begun["status"]) = (new JsonArray(), "in_progress");
        Send("response.created", new() { ["response"] = begun });
        for (var i = 0; i < output.Count; i++)
        {
            Send("response.output_item.added", new() { ["output_index"] = i, ["item"] = output[i].DeepClone() });
            foreach (var (type, data) in Deltas(output[i])) Send(type, data);
            Send("response.output_item.done", new() { ["output_index"] = i, ["item"] = output[i].DeepClone() });
        }

        Send("response.completed", new() { ["response"] = response });
        return new WireReply(200, text.ToString()) { ContentType = "text/event-stream" };

        void Send(string type, JsonObject data)
        {
            (data["type"], data["sequence_number"]) = (type, number++);
            text.Append("event: ").Append(type).Append("\ndata: ").Append(data.ToJsonString()).Append("\n\n");
        }
    }

    private static IEnumerable<(string Type, JsonObject Data)> Deltas(JsonObject item)
    {
        switch ((string)item["type"]!)
        {
            case "reasoning":
                for (var i = 0; i < item["summary"]!.AsArray().Count; i++)
                {
                    yield return ("response.reasoning_summary_part.added", new() { ["summary_index"] = i });
                    foreach (var piece in ((string)item["summary"]![i]!["text"]!).Chunk(3))
                        yield return ("response.reasoning_summary_text.delta", new() { ["summary_index"] = i, ["delta"] = new string(piece) });
                }

                break;
            case "message":
                foreach (var piece in ((string)item["content"]![0]!["text"]!).Chunk(3)) yield return ("response.output_text.delta", new() { ["delta"] = new string(piece) });
                break;
            default:
                foreach (var piece in ((string)item["arguments"]!).Chunk(5)) yield return ("response.function_call_arguments.delta", new() { ["delta"] = new string(piece) });
                break;
        }
    }
}
