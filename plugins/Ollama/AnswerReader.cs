using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Shared;

namespace PluginHost.Ollama;

/// <summary>Reads the lines of one answer.</summary>
internal sealed class AnswerReader(ServerFailures failures)
{
    private readonly string _id = $"msg_{Guid.NewGuid():N}";
    private readonly HashSet<string> _callIds = new(StringComparer.Ordinal);

    public ChatResponseUpdate Read(JsonElement line)
    {
        if (line.TryGetProperty("error", out _)) throw failures.FromAnswer(ServerError.From(line));
        var update = new ChatResponseUpdate(ChatRole.Assistant, line.TryGetProperty("message", out var message) ? ReadContents(message) : [])
        {
            MessageId = _id,
            ResponseId = _id,
            ModelId = TextOf(line, "model"),
            CreatedAt = DateTimeOffset.TryParse(TextOf(line, "created_at"), CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) ? time : null,
        };
        if (line.TryGetProperty("done", out var done) && done.ValueKind == JsonValueKind.True) End(update, line);
        return update;
    }

    private List<AIContent> ReadContents(JsonElement message)
    {
        var contents = new List<AIContent>();
        if (TextOf(message, "thinking") is { Length: > 0 } thinking) contents.Add(new TextReasoningContent(thinking));
        if (TextOf(message, "content") is { Length: > 0 } text) contents.Add(new TextContent(text));
        if (message.TryGetProperty("tool_calls", out var calls) && calls.ValueKind == JsonValueKind.Array)
        {
            foreach (var call in calls.EnumerateArray()) contents.Add(ReadCall(call));
        }

        return contents;
    }

    private FunctionCallContent ReadCall(JsonElement call)
    {
        var function = call.GetProperty("function");
        var arguments = function.TryGetProperty("arguments", out var values) && values.ValueKind == JsonValueKind.Object
            ? values.EnumerateObject().ToDictionary(p => p.Name, p => (object?)p.Value.Clone(), StringComparer.Ordinal)
            : null;
        // Older servers give no id, and some models' templates one for several calls.
        var id = TextOf(call, "id") is { Length: > 0 } given && _callIds.Add(given) ? given : $"call_{Guid.NewGuid():N}";
        _callIds.Add(id);
        return new FunctionCallContent(id, TextOf(function, "name") ?? "", arguments);
    }

    private void End(ChatResponseUpdate update, JsonElement line)
    {
        var (input, output) = (CountOf(line, "prompt_eval_count"), CountOf(line, "eval_count"));
        if (input is not null || output is not null)
            update.Contents.Add(new UsageContent(new UsageDetails { InputTokenCount = input, OutputTokenCount = output, TotalTokenCount = (input ?? 0) + (output ?? 0) }));
        update.FinishReason = TextOf(line, "done_reason") switch
        {
            "length" => ChatFinishReason.Length,
            _ when _callIds.Count > 0 => ChatFinishReason.ToolCalls,
            _ => ChatFinishReason.Stop,
        };
    }

    private static string? TextOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? CountOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var count) ? count : null;
}
