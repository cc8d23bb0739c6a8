using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.Engine.Explain;

/// <summary>A tool of a plugin as it was declared. It is not invoked: a replay has the results.</summary>
internal sealed class RecordedTool(string name, string description, JsonElement schema, IReadOnlyDictionary<string, object?> properties) : AIFunction
{
    public override string Name => name;

    public override string Description => description;

    public override JsonElement JsonSchema => schema;

    public override IReadOnlyDictionary<string, object?> AdditionalProperties => properties;

    /// <summary>The declaration of a tool, with those of its properties that are JSON.</summary>
    public static JsonElement ToJson(AITool tool)
    {
        var properties = new JsonObject();
        foreach (var (key, value) in tool.AdditionalProperties)
        {
            JsonNode? node = value switch
            {
                bool flag => JsonValue.Create(flag),
                string text => JsonValue.Create(text),
                JsonElement json => JsonNode.Parse(json.GetRawText()),
                _ => null,
            };
            if (node is not null) properties[key] = node;
        }

        var declaration = new JsonObject
        {
            ["name"] = tool.Name,
            ["description"] = tool.Description,
            ["schema"] = tool is AIFunctionDeclaration function ? JsonNode.Parse(function.JsonSchema.GetRawText()) : null,
            ["approve"] = tool.GetService<ApprovalRequiredAIFunction>() is not null,
            ["properties"] = properties,
        };
        return JsonElement.Parse(CompactJson.Write(declaration, static (writer, node) => node.WriteTo(writer)));
    }

    public static AIFunction FromJson(JsonElement json)
    {
        var properties = json.GetProperty("properties").EnumerateObject().ToDictionary(
            p => p.Name,
            object? (p) => p.Value.ValueKind switch
            {
                JsonValueKind.True or JsonValueKind.False => p.Value.GetBoolean(),
                JsonValueKind.String => p.Value.GetString(),
                _ => p.Value,
            },
            StringComparer.Ordinal);
        var schema = json.GetProperty("schema");
        var tool = new RecordedTool(
            json.GetProperty("name").GetString()!,
            json.GetProperty("description").GetString()!,
            schema.ValueKind == JsonValueKind.Null ? JsonElement.Parse("{}"u8) : schema,
            properties);
        return json.GetProperty("approve").GetBoolean() ? new ApprovalRequiredAIFunction(tool) : tool;
    }

    protected override ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("A replay invokes no tool.");
}
