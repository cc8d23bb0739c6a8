using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Writes declarations of functions without additions: a caller's as it was sent, a plugin's with its schema as it is.</summary>
internal static class ToolDeclaration
{
    private const string Strict = "strict";

    /// <param name="json">Inside the object of the function.</param>
    /// <param name="tool">The function.</param>
    /// <param name="isStrictByDefault">Whether the interface takes a schema as strict when the request does not say.</param>
    public static void Write(Utf8JsonWriter json, AIFunctionDeclaration tool, bool isStrictByDefault)
    {
        if (tool.AdditionalProperties.TryGetValue(WireTool.Declaration, out var sent) && sent is JsonElement declaration)
        {
            json.WriteMembers(declaration);
            if (isStrictByDefault && declaration.Get(Strict) is null) json.WriteBoolean(Strict, false);
            return;
        }

        json.WriteString("name", tool.Name);
        if (!string.IsNullOrEmpty(tool.Description)) json.WriteString("description", tool.Description);
        json.WritePropertyName("parameters");
        tool.JsonSchema.WriteTo(json);
        var strict = tool.AdditionalProperties.TryGetValue(Strict, out var given) && given is bool value ? value : (bool?)null;
        if (strict is not null || isStrictByDefault) json.WriteBoolean(Strict, strict ?? false);
    }

    /// <summary>The members of a custom tool; null for another tool.</summary>
    public static JsonElement? CustomOf(AITool tool) => tool.AdditionalProperties.TryGetValue(WireTool.Custom, out var custom) && custom is JsonElement members ? members : null;

    /// <summary>A tool of the server as the caller declared it; null for another tool.</summary>
    public static JsonElement? HostedOf(AITool tool) => tool.AdditionalProperties.TryGetValue(WireTool.Hosted, out var hosted) && hosted is JsonElement sent ? sent : null;

    public static HashSet<string> CustomNames(ChatOptions? options) =>
        options?.Tools is { Count: > 0 } tools ? [.. tools.Where(t => CustomOf(t) is not null).Select(t => t.Name)] : [];

    public static JsonElement? OuterOf(AITool tool) => tool.AdditionalProperties.TryGetValue(WireTool.Members, out var outer) && outer is JsonElement members ? members : null;
}
