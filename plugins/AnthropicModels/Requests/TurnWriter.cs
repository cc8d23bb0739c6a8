using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.AnthropicModels.Answers;
using PluginHost.Shared;

namespace PluginHost.AnthropicModels.Requests;

/// <summary>Writes the conversation of one request.</summary>
internal sealed class TurnWriter(Utf8JsonWriter json, CacheMarks cache, ServerFailures failures)
{
    private readonly MediaWriter _media = new(json, failures);
    private readonly CallIds _ids = new();

    public void Write(IReadOnlyList<Turn> turns)
    {
        json.WriteStartArray("messages");
        for (var i = 0; i < turns.Count; i++) Write(turns[i], isLast: i == turns.Count - 1);
        json.WriteEndArray();
    }

    private void Write(Turn turn, bool isLast)
    {
        json.WriteStartObject();
        json.WriteString("role", turn.IsAssistant ? "assistant" : "user");
        json.WriteStartArray("content");
        for (var i = 0; i < turn.Contents.Count; i++)
        {
            var content = turn.Contents[i];
            var isEnd = isLast && i == turn.Contents.Count - 1;
            json.WriteStartObject();
            // The service refuses an answer to continue that ends in white space.
            Write(content, trim: isEnd && turn.IsAssistant);
            if (isEnd && content is not TextReasoningContent) cache.MarkConversation();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Write(AIContent content, bool trim)
    {
        switch (content)
        {
            case TextContent text:
                json.WriteString("type", "text");
                json.WriteString("text", trim ? text.Text.TrimEnd() : text.Text);
                break;
            case TextReasoningContent reasoning: WriteThinking(reasoning); break;
            case FunctionCallContent call: WriteCall(call); break;
            case FunctionResultContent result: WriteResult(result); break;
            default: _media.Write(content); break;
        }
    }

    private void WriteThinking(TextReasoningContent reasoning)
    {
        var type = ThinkingMark.Find(reasoning)!;
        json.WriteString("type", type);
        if (type == ThinkingMark.Redacted)
        {
            json.WriteString("data", reasoning.ProtectedData);
            return;
        }

        json.WriteString("thinking", reasoning.Text);
        json.WriteString("signature", reasoning.ProtectedData);
    }

    /// <summary>Whether a tool failed: in this run, or as the host keeps it of a caller's result.</summary>
    private static bool HasFailed(FunctionResultContent result) =>
        result.Exception is not null
        || (result.AdditionalProperties?.TryGetValue("wire.error", out var failed) == true && failed is true or JsonElement { ValueKind: JsonValueKind.True });

    private void WriteCall(FunctionCallContent call)
    {
        json.WriteString("type", "tool_use");
        json.WriteString("id", _ids.OfCall(call.CallId));
        json.WriteString("name", call.Name);
        json.WritePropertyName("input");
        ToolValues.WriteArguments(json, call);
    }

    private void WriteResult(FunctionResultContent result)
    {
        json.WriteString("type", "tool_result");
        json.WriteString("tool_use_id", _ids.OfResult(result.CallId));
        if (HasFailed(result)) json.WriteBoolean("is_error", true);
        List<AIContent> contents = [.. ToolValues.ReadResult(result).Select(MediaWriter.InResult)];
        if (contents is [TextContent only])
        {
            json.WriteString("content", only.Text);
            return;
        }

        json.WriteStartArray("content");
        foreach (var content in contents.Where(static c => c is not TextContent text || !string.IsNullOrWhiteSpace(text.Text)))
        {
            json.WriteStartObject();
            Write(content, trim: false);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
