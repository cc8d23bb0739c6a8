using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Shared;

namespace PluginHost.AnthropicModels.Requests;

/// <summary>Writes the bodies of requests. Immutable.</summary>
internal sealed class RequestWriter(string model, AnthropicOptions options, ServerFailures failures)
{
    public IReadOnlyDictionary<string, JsonElement> Write(IReadOnlyList<ChatMessage> messages, ChatOptions chat)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, ToolValues.Compact)) WriteBody(json, messages, chat);
        return JsonElement.Parse(buffer.WrittenSpan).EnumerateObject().ToDictionary(static p => p.Name, static p => p.Value, StringComparer.Ordinal);
    }

    private void WriteBody(Utf8JsonWriter json, IReadOnlyList<ChatMessage> messages, ChatOptions chat)
    {
        var turns = Turn.From(messages);
        var thinking = ThinkingChoice.From(options, chat, turns);
        var cache = new CacheMarks(json, options);
        json.WriteStartObject();
        json.WriteString("model", chat.ModelId ?? model);
        json.WriteNumber("max_tokens", (chat.MaxOutputTokens ?? options.MaxTokens) + (long)(thinking.Budget ?? 0));
        new ToolWriter(json, cache).Write(chat, turns);
        WriteSystem(json, cache, chat.Instructions, messages);
        new TurnWriter(json, cache, failures).Write(turns);
        thinking.Write(json);
        WriteOutput(json, chat, thinking);
        // The service refuses sampling parameters together with thinking.
        if (options.HasSampling && thinking.Type is null or "disabled") WriteSampling(json, chat);
        WriteStops(json, chat);
        json.WriteEndObject();
    }

    /// <summary>The instructions, and what the messages have of the role system: the interface has them apart from the conversation.</summary>
    private static void WriteSystem(Utf8JsonWriter json, CacheMarks cache, string? instructions, IReadOnlyList<ChatMessage> messages)
    {
        var texts = messages.Where(static m => Turn.IsSystem(m.Role)).SelectMany(static m => m.Contents.OfType<TextContent>()).Select(static t => t.Text)
            .Prepend(instructions).Where(static t => !string.IsNullOrWhiteSpace(t)).ToList();
        if (texts.Count == 0) return;
        json.WriteStartArray("system");
        for (var i = 0; i < texts.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("type", "text");
            json.WriteString("text", texts[i]);
            if (i == texts.Count - 1) cache.MarkInstructions();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteOutput(Utf8JsonWriter json, ChatOptions chat, ThinkingChoice thinking)
    {
        var schema = (chat.ResponseFormat as ChatResponseFormatJson)?.Schema;
        if (schema is null && thinking.Effort is null) return;
        json.WriteStartObject("output_config");
        if (thinking.Effort is { } effort) json.WriteString("effort", effort);
        if (schema is { } asked)
        {
            json.WriteStartObject("format");
            json.WriteString("type", "json_schema");
            json.WritePropertyName("schema");
            asked.WriteTo(json);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteSampling(Utf8JsonWriter json, ChatOptions chat)
    {
        if (chat.Temperature is { } temperature) json.WriteNumber("temperature", temperature);
        if (chat.TopP is { } topP) json.WriteNumber("top_p", topP);
        if (chat.TopK is { } topK) json.WriteNumber("top_k", topK);
    }

    private static void WriteStops(Utf8JsonWriter json, ChatOptions chat)
    {
        // The service refuses white space alone.
        var stops = (chat.StopSequences ?? []).Where(static s => !string.IsNullOrWhiteSpace(s)).ToList();
        if (stops.Count == 0) return;
        json.WriteStartArray("stop_sequences");
        foreach (var stop in stops) json.WriteStringValue(stop);
        json.WriteEndArray();
    }
}
