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

        return ResponsesReplies.From(request, $"resp_{number}", output, isStored);
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
}
