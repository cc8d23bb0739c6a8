using System.Text.Json;
using System.Text.Json.Nodes;

namespace PluginHost.ModelServer.Dialects;

/// <summary>
/// A model that uses the tools that it is offered, in both interfaces: it calls the one that the user names, once, with arguments by its
/// schema, and then tells the result. It refuses calls without a result and results without a call, as services do.
/// </summary>
public sealed class ToolUser : IDialect
{
    private readonly Dictionary<string, List<JsonObject>> _stored = [];
    private int _count;

    public WireReply Answer(WireRequest request)
    {
        lock (_stored)
        {
            var number = _count++;
            return request.Path.EndsWith("/responses", StringComparison.Ordinal) ? AnswerItems(request, number) : AnswerMessages(request, number);
        }
    }

    private static WireReply AnswerMessages(WireRequest request, int number)
    {
        if (Pairing.CheckMessages(request.Messages) is { } wrong) return WireReply.Error(400, wrong);
        // Some programs send instructions behind what the user says.
        var last = request.Messages.Last(m => (string?)m["role"] != "system");
        if ((string?)last["role"] == "tool") return ChatReplies.From(request, Say(TextOf(last["content"])));
        if (Choose(request, last) is not { } tool) return ChatReplies.From(request, new() { ["role"] = "assistant", ["content"] = "Hello there" });
        return ChatReplies.From(request, new()
        {
            ["role"] = "assistant",
            ["content"] = null,
            ["tool_calls"] = new JsonArray(tool.IsCustom
                ? new JsonObject { ["id"] = $"call_{number}", ["type"] = "custom", ["custom"] = new JsonObject { ["name"] = tool.Name, ["input"] = tool.Arguments } }
                : ChatReplies.Call($"call_{number}", tool.Name, tool.Arguments)),
        });
    }

    private WireReply AnswerItems(WireRequest request, int number)
    {
        List<JsonObject> all = [.. (string?)request.Body["previous_response_id"] is { } previous ? _stored[previous] : [], .. request.Input];
        if (Pairing.CheckItems(all) is { } wrong) return WireReply.Error(400, wrong);
        var last = all[^1];
        var tool = Choose(request, last);
        JsonObject item = last["output"] is { } result ? Message(number, $"It says: {TextOf(result)}")
            : tool is null ? Message(number, "Hello there")
            : new()
            {
                ["id"] = $"fc_{number}",
                ["type"] = tool.IsCustom ? "custom_tool_call" : "function_call",
                ["status"] = "completed",
                ["call_id"] = $"call_{number}",
                ["name"] = tool.Name,
                [tool.IsCustom ? "input" : "arguments"] = tool.Arguments,
            };
        if (tool?.Namespace is { } space) item["namespace"] = space;
        _stored[$"resp_{number}"] = [.. all, item];
        return ResponsesReplies.From(request, $"resp_{number}", [item], (bool?)request.Body["store"] ?? true);
    }

    private static JsonObject Say(string result) => new() { ["role"] = "assistant", ["content"] = $"It says: {result}" };

    private static JsonObject Message(int number, string text) => new()
    {
        ["id"] = $"msg_{number}",
        ["type"] = "message",
        ["status"] = "completed",
        ["role"] = "assistant",
        ["content"] = new JsonArray(new JsonObject { ["type"] = "output_text", ["text"] = text, ["annotations"] = new JsonArray() }),
    };

    /// <summary>The tool that the last message of the user names.</summary>
    private static OfferedTool? Choose(WireRequest request, JsonObject last)
    {
        if ((string?)last["role"] != "user") return null;
        var words = TextOf(last["content"]).Split(' ', '\n', '.', ',', '"').ToHashSet(StringComparer.Ordinal);
        return OfferedTool.In(request.Body["tools"]).FirstOrDefault(t => words.Contains(t.Name));
    }

    private static string TextOf(JsonNode? content) => content switch
    {
        JsonArray parts => string.Concat(parts.Select(p => (string?)p!["text"])),
        JsonValue value when value.GetValueKind() == JsonValueKind.String => (string)value!,
        null => "",
        _ => content.ToJsonString(),
    };
}
