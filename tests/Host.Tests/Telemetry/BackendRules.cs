using System.Text.Json;
using PluginHost.Testing;

namespace PluginHost.Tests.Telemetry;

/// <summary>What backends make of attributes, as data: the message schemas of the conventions 1.41, and the published ingestion rules of Langfuse and Phoenix.</summary>
internal static class BackendRules
{
    /// <summary>The members that a part of a message must have, by its type.</summary>
    private static readonly Dictionary<string, (string Name, JsonValueKind[] Kinds)[]> Parts = new()
    {
        ["text"] = [("content", [JsonValueKind.String])],
        ["reasoning"] = [("content", [JsonValueKind.String])],
        ["tool_call"] = [("name", [JsonValueKind.String]), ("id", [JsonValueKind.String, JsonValueKind.Null])],
        ["tool_call_response"] = [("response", [JsonValueKind.Object, JsonValueKind.Array, JsonValueKind.String, JsonValueKind.Number, JsonValueKind.True, JsonValueKind.False, JsonValueKind.Null]), ("id", [JsonValueKind.String, JsonValueKind.Null])],
        ["blob"] = [("modality", [JsonValueKind.String]), ("content", [JsonValueKind.String])],
        ["uri"] = [("modality", [JsonValueKind.String]), ("uri", [JsonValueKind.String])],
        ["file"] = [("modality", [JsonValueKind.String]), ("file_id", [JsonValueKind.String])],
    };

    private static readonly string[] Roles = ["system", "user", "assistant", "tool"];
    private static readonly string[] FinishReasons = ["stop", "length", "content_filter", "tool_call", "error"];

    /// <summary>Attributes in the order in which Langfuse looks for a value.</summary>
    public static IReadOnlyDictionary<string, string[]> Langfuse { get; } = new Dictionary<string, string[]>
    {
        ["input"] = ["gen_ai.input.messages", "gen_ai.tool.call.arguments"],
        ["output"] = ["gen_ai.output.messages", "gen_ai.tool.call.result"],
        ["type"] = ["gen_ai.operation.name"],
        ["model"] = ["gen_ai.response.model", "gen_ai.request.model"],
        ["usage.input"] = ["gen_ai.usage.input_tokens"],
        ["usage.output"] = ["gen_ai.usage.output_tokens"],
        ["session"] = ["langfuse.session.id", "session.id", "gen_ai.conversation.id"],
        ["user"] = ["langfuse.user.id", "user.id"],
    };

    /// <summary>The same for Phoenix, which gets spans converted to OpenInference.</summary>
    public static IReadOnlyDictionary<string, string[]> Phoenix { get; } = new Dictionary<string, string[]>
    {
        ["input"] = ["gen_ai.tool.call.arguments", "gen_ai.input.messages"],
        ["output"] = ["gen_ai.tool.call.result", "gen_ai.output.messages"],
        ["type"] = ["gen_ai.operation.name"],
        ["model"] = ["gen_ai.response.model", "gen_ai.request.model"],
        ["usage.input"] = ["gen_ai.usage.input_tokens"],
        ["usage.output"] = ["gen_ai.usage.output_tokens"],
        ["session"] = ["gen_ai.conversation.id"],
        ["user"] = ["user.id"],
    };

    public static string? Find(ReceivedSpan span, IReadOnlyDictionary<string, string[]> rules, string what) =>
        rules[what].Select(name => span.Attributes.GetValueOrDefault(name)?.ToString()).FirstOrDefault(v => v is not null);

    /// <summary>Checks messages against the schema.</summary>
    /// <param name="json">The attribute.</param>
    /// <param name="isOutput">Whether they are output, which says why it ended.</param>
    public static void CheckMessages(string json, bool isOutput)
    {
        foreach (var message in JsonElement.Parse(json).EnumerateArray())
        {
            Assert.Contains(message.GetProperty("role").GetString(), Roles);
            foreach (var part in message.GetProperty("parts").EnumerateArray())
            {
                var type = part.GetProperty("type").GetString()!;
                // Of an unknown type nothing else is asked.
                foreach (var (name, kinds) in Parts.GetValueOrDefault(type) ?? []) Assert.Contains(part.GetProperty(name).ValueKind, kinds);
                if (type == "tool_call") Assert.Equal(JsonValueKind.Object, part.GetProperty("arguments").ValueKind);
            }

            if (isOutput) Assert.Contains(message.GetProperty("finish_reason").GetString(), FinishReasons);
        }
    }
}
