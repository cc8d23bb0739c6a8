using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.AnthropicModels.Requests;

/// <summary>Writes the tools of one request and the choice among them.</summary>
internal sealed class ToolWriter(Utf8JsonWriter json, CacheMarks cache)
{
    public void Write(ChatOptions chat, IReadOnlyList<Turn> turns)
    {
        var tools = (chat.Tools ?? []).OfType<AIFunctionDeclaration>().ToList();
        if (tools.Count == 0)
        {
            WriteEarlier(turns);
            return;
        }

        json.WriteStartArray("tools");
        for (var i = 0; i < tools.Count; i++) Write(tools[i], isLast: i == tools.Count - 1);
        json.WriteEndArray();
        WriteChoice(chat);
    }

    /// <summary>
    /// The service refuses a conversation with calls and without tools. Tools that are not available any more are named, so that the conversation can
    /// continue, and cannot be called.
    /// </summary>
    private void WriteEarlier(IReadOnlyList<Turn> turns)
    {
        var names = turns.SelectMany(static t => t.Contents).OfType<FunctionCallContent>().Select(static c => c.Name).Distinct(StringComparer.Ordinal).ToList();
        if (names.Count == 0) return;
        json.WriteStartArray("tools");
        foreach (var name in names)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WritePropertyName("input_schema");
            WriteSchema(default);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("tool_choice");
        json.WriteString("type", "none");
        json.WriteEndObject();
    }

    private void Write(AIFunctionDeclaration tool, bool isLast)
    {
        json.WriteStartObject();
        json.WriteString("name", tool.Name);
        if (!string.IsNullOrEmpty(tool.Description)) json.WriteString("description", tool.Description);
        json.WritePropertyName("input_schema");
        WriteSchema(tool.JsonSchema);
        if (tool.AdditionalProperties.TryGetValue("strict", out var strict) && strict is true or JsonElement { ValueKind: JsonValueKind.True }) json.WriteBoolean("strict", true);
        if (isLast) cache.MarkTools();
        json.WriteEndObject();
    }

    /// <summary>The service takes only schemas of objects, and a tool without parameters may have an empty one.</summary>
    private void WriteSchema(JsonElement schema)
    {
        if (schema.ValueKind == JsonValueKind.Object && schema.TryGetProperty("type", out _))
        {
            schema.WriteTo(json);
            return;
        }

        json.WriteStartObject();
        json.WriteString("type", "object");
        if (schema.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in schema.EnumerateObject()) member.WriteTo(json);
        }

        json.WriteEndObject();
    }

    private void WriteChoice(ChatOptions chat)
    {
        var isSingle = chat.AllowMultipleToolCalls == false;
        if (chat.ToolMode is null or AutoChatToolMode && !isSingle) return;
        json.WriteStartObject("tool_choice");
        switch (chat.ToolMode)
        {
            case NoneChatToolMode:
                json.WriteString("type", "none");
                break;
            case RequiredChatToolMode { RequiredFunctionName: { } name }:
                json.WriteString("type", "tool");
                json.WriteString("name", name);
                break;
            default:
                json.WriteString("type", chat.ToolMode is RequiredChatToolMode ? "any" : "auto");
                break;
        }

        if (isSingle && chat.ToolMode is not NoneChatToolMode) json.WriteBoolean("disable_parallel_tool_use", true);
        json.WriteEndObject();
    }
}
