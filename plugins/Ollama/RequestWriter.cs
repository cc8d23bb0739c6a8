using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Shared;

namespace PluginHost.Ollama;

/// <summary>Writes requests of <c>/api/chat</c>. Immutable.</summary>
internal sealed class RequestWriter(string model, OllamaOptions options, ServerFailures failures)
{
    public byte[] Write(IReadOnlyList<ChatMessage> messages, ChatOptions chat)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer, ToolValues.Compact))
        {
            json.WriteStartObject();
            json.WriteString("model", chat.ModelId ?? model);
            json.WriteStartArray("messages");
            new MessageWriter(json, failures).Write(chat.Instructions, messages);
            json.WriteEndArray();
            WriteTools(json, chat);
            WriteFormat(json, chat.ResponseFormat);
            WriteParameters(json, chat);
            WriteThink(json, chat.Reasoning?.Effort);
            WriteKeepAlive(json);
            // Without it, the server cuts requests that are too long and says nothing; with it, the host learns what fits. Older servers ignore it.
            if (!options.Truncate) json.WriteBoolean("truncate", false);
            json.WriteBoolean("stream", true);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Ollama has no choice among tools: the only way to have one called is to offer no other.</summary>
    private static void WriteTools(Utf8JsonWriter json, ChatOptions chat)
    {
        if (chat.ToolMode is NoneChatToolMode) return;
        var required = (chat.ToolMode as RequiredChatToolMode)?.RequiredFunctionName;
        var tools = (chat.Tools ?? []).OfType<AIFunctionDeclaration>().Where(t => required is null || t.Name == required).ToList();
        if (tools.Count == 0) return;
        json.WriteStartArray("tools");
        foreach (var tool in tools)
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", tool.Name);
            json.WriteString("description", tool.Description);
            json.WritePropertyName("parameters");
            tool.JsonSchema.WriteTo(json);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFormat(Utf8JsonWriter json, ChatResponseFormat? format)
    {
        if (format is not ChatResponseFormatJson asked) return;
        json.WritePropertyName("format");
        if (asked.Schema is { } schema) schema.WriteTo(json);
        else json.WriteStringValue("json");
    }

    private void WriteParameters(Utf8JsonWriter json, ChatOptions chat)
    {
        var values = (options.Parameters ?? new Dictionary<string, decimal>()).ToDictionary(p => p.Key, p => (object)p.Value, StringComparer.Ordinal);
        Set("stop", chat.StopSequences is { Count: > 0 } stop ? stop : options.Stop);
        Set("temperature", chat.Temperature);
        Set("top_p", chat.TopP);
        Set("top_k", chat.TopK);
        Set("frequency_penalty", chat.FrequencyPenalty);
        Set("presence_penalty", chat.PresencePenalty);
        Set("seed", chat.Seed);
        Set("num_predict", chat.MaxOutputTokens);
        if (values.Count == 0) return;
        json.WritePropertyName("options");
        ToolValues.WriteValue(json, values);

        void Set(string name, object? value)
        {
            if (value is not null) values[name] = value;
        }
    }

    private void WriteThink(Utf8JsonWriter json, ReasoningEffort? asked)
    {
        var think = asked switch
        {
            null => options.Think,
            ReasoningEffort.None => OllamaThinking.Off,
            ReasoningEffort.Low => OllamaThinking.Low,
            ReasoningEffort.Medium => OllamaThinking.Medium,
            _ => OllamaThinking.High,
        };
        if (think is OllamaThinking.On or OllamaThinking.Off) json.WriteBoolean("think", think == OllamaThinking.On);
        else if (think != OllamaThinking.Default) json.WriteString("think", think switch { OllamaThinking.Low => "low", OllamaThinking.Medium => "medium", _ => "high" });
    }

    /// <summary>The server takes a number as seconds, and text only with a unit.</summary>
    private void WriteKeepAlive(Utf8JsonWriter json)
    {
        if (options.KeepAlive is not { } keep) return;
        json.WritePropertyName("keep_alive");
        if (char.IsAsciiDigit(keep[^1])) json.WriteRawValue(keep);
        else json.WriteStringValue(keep);
    }
}
