using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.Engine.Explain;

/// <summary>The settings of a call by the names of OpenAI's interface. Keys and addresses are not among them: the client has those.</summary>
internal static class CallSettings
{
    public static JsonElement From(ChatOptions options)
    {
        var json = new JsonObject();
        Add("temperature", options.Temperature is { } temperature ? JsonValue.Create(temperature) : null);
        Add("top_p", options.TopP is { } topP ? JsonValue.Create(topP) : null);
        Add("top_k", options.TopK is { } topK ? JsonValue.Create(topK) : null);
        Add("frequency_penalty", options.FrequencyPenalty is { } frequency ? JsonValue.Create(frequency) : null);
        Add("presence_penalty", options.PresencePenalty is { } presence ? JsonValue.Create(presence) : null);
        Add("max_output_tokens", options.MaxOutputTokens is { } max ? JsonValue.Create(max) : null);
        Add("seed", options.Seed is { } seed ? JsonValue.Create(seed) : null);
        Add("stop", options.StopSequences is { Count: > 0 } stop ? new JsonArray([.. stop.Select(s => JsonValue.Create(s))]) : null);
        Add("response_format", Describe(options.ResponseFormat));
        Add("tool_choice", Describe(options.ToolMode));
        Add("parallel_tool_calls", options.AllowMultipleToolCalls is { } several ? JsonValue.Create(several) : null);
        Add("reasoning_effort", options.Reasoning?.Effort is { } effort ? JsonValue.Create(effort.ToString().ToLowerInvariant()) : null);
        Add("conversation_id", options.ConversationId is { } conversation ? JsonValue.Create(conversation) : null);
        // What the caller sent beside that, as it was sent.
        foreach (var (name, value) in SentParameters.Find(options)?.Values ?? new Dictionary<string, JsonElement>())
        {
            if (!json.ContainsKey(name)) json[name] = JsonNode.Parse(value.GetRawText());
        }

        return Parse(json);

        void Add(string name, JsonNode? value)
        {
            if (value is not null) json[name] = value;
        }
    }

    /// <returns>Null for none.</returns>
    public static JsonElement? From(IReadOnlyDictionary<string, JsonElement>? parameters) => parameters is { Count: > 0 }
        ? Parse(new JsonObject(parameters.Select(p => KeyValuePair.Create(p.Key, JsonNode.Parse(p.Value.GetRawText())))))
        : null;

    private static JsonElement Parse(JsonObject json) => JsonElement.Parse(CompactJson.Write(json, static (writer, node) => node.WriteTo(writer)));

    private static JsonNode? Describe(ChatResponseFormat? format) => format switch
    {
        ChatResponseFormatText => "text",
        ChatResponseFormatJson { Schema: { } schema } json => new JsonObject
        {
            ["type"] = "json_schema",
            ["name"] = json.SchemaName,
            ["schema"] = JsonNode.Parse(schema.GetRawText()),
        },
        ChatResponseFormatJson => "json_object",
        _ => null,
    };

    private static JsonNode? Describe(ChatToolMode? mode) => mode switch
    {
        RequiredChatToolMode { RequiredFunctionName: { } name } => name,
        RequiredChatToolMode => "required",
        NoneChatToolMode => "none",
        AutoChatToolMode => "auto",
        _ => null,
    };
}
