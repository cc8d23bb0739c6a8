using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.AnthropicModels.Answers;

/// <summary>Reads the events of one answer.</summary>
internal sealed class AnswerReader
{
    private readonly UsageReader _usage = new();
    private readonly Dictionary<long, CallReader> _calls = [];
    private readonly List<CallReader> _ended = [];
    private string? _id, _model;

    /// <summary>Whether the service has sent the last event of the answer.</summary>
    public bool HasEnded { get; private set; }

    /// <returns>Null for an event that holds nothing of the answer.</returns>
    public ChatResponseUpdate? Read(JsonElement data)
    {
        switch (TextOf(data, "type"))
        {
            case "message_start" when data.TryGetProperty("message", out var message):
                (_id, _model) = (TextOf(message, "id"), TextOf(message, "model"));
                _usage.Add(message);
                return null;
            case "content_block_start" when data.TryGetProperty("content_block", out var block):
                var contents = TakeCalls(isCut: false);
                if (ReadStart(IndexOf(data), block) is { } start) contents.Add(start);
                return contents.Count == 0 ? null : Create(contents);
            case "content_block_delta" when data.TryGetProperty("delta", out var delta):
                return Update(ReadDelta(IndexOf(data), delta));
            case "content_block_stop":
                if (_calls.Remove(IndexOf(data), out var call)) _ended.Add(call);
                return null;
            case "message_delta":
                _usage.Add(data);
                return data.TryGetProperty("delta", out var end) && TextOf(end, "stop_reason") is { } reason ? End(reason) : null;
            case "message_stop":
                HasEnded = true;
                return null;
            default:
                return null;
        }
    }

    private AIContent? ReadStart(long index, JsonElement block)
    {
        switch (TextOf(block, "type"))
        {
            case "text": return TextOf(block, "text") is { Length: > 0 } text ? new TextContent(text) : null;
            case "thinking": return ThinkingMark.Create(ThinkingMark.Thinking, TextOf(block, "thinking"), TextOf(block, "signature"));
            case "redacted_thinking": return ThinkingMark.Create(ThinkingMark.Redacted, "", TextOf(block, "data"));
            case "tool_use":
                _calls[index] = new CallReader(TextOf(block, "id") ?? "", TextOf(block, "name") ?? "", block.TryGetProperty("input", out var input) ? input : null);
                return null;
            default: return null;
        }
    }

    private AIContent? ReadDelta(long index, JsonElement delta)
    {
        switch (TextOf(delta, "type"))
        {
            case "text_delta": return new TextContent(TextOf(delta, "text"));
            case "thinking_delta": return ThinkingMark.Create(ThinkingMark.Thinking, TextOf(delta, "thinking"));
            case "signature_delta": return ThinkingMark.Create(ThinkingMark.Thinking, "", TextOf(delta, "signature"));
            case "input_json_delta":
                if (_calls.TryGetValue(index, out var call)) call.Add(TextOf(delta, "partial_json"));
                return null;
            default: return null;
        }
    }

    private ChatResponseUpdate End(string reason)
    {
        var update = Create(TakeCalls(isCut: reason is "max_tokens" or "model_context_window_exceeded"));
        if (_usage.ToUsage() is { } usage) update.Contents.Add(new UsageContent(usage));
        update.FinishReason = reason switch
        {
            "max_tokens" or "model_context_window_exceeded" => ChatFinishReason.Length,
            "tool_use" => ChatFinishReason.ToolCalls,
            "refusal" => ChatFinishReason.ContentFilter,
            _ => ChatFinishReason.Stop,
        };
        return update;
    }

    /// <summary>Takes the calls whose blocks have ended. Only the end of the answer says whether the last one was cut off before its arguments.</summary>
    private List<AIContent> TakeCalls(bool isCut)
    {
        List<AIContent> calls = [.. _ended.Select((c, i) => c.ToContent(isCut && i == _ended.Count - 1))];
        _ended.Clear();
        return calls;
    }

    private ChatResponseUpdate? Update(AIContent? content) => content is null ? null : Create([content]);

    private ChatResponseUpdate Create(IList<AIContent> contents) =>
        new(ChatRole.Assistant, contents) { MessageId = _id, ResponseId = _id, ModelId = _model };

    private static long IndexOf(JsonElement data) => data.TryGetProperty("index", out var index) && index.TryGetInt64(out var number) ? number : -1;

    private static string? TextOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
