using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Runs.Journal;

/// <summary>The JSON of the declaration of a caller's tool. The host never invokes such a tool.</summary>
internal static class StoredTool
{
    public static void Write(Utf8JsonWriter json, AITool tool)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, tool.Name);
        json.WriteString("description"u8, tool.Description);
        if (tool is AIFunctionDeclaration function)
        {
            json.WritePropertyName("schema"u8);
            function.JsonSchema.WriteTo(json);
            if (function.ReturnJsonSchema is { } returns)
            {
                json.WritePropertyName("returns"u8);
                returns.WriteTo(json);
            }
        }

        json.WriteStartObject("properties"u8);
        foreach (var (name, value) in tool.AdditionalProperties) WriteProperty(json, name, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    public static AITool Read(JsonElement json)
    {
        var (name, description) = (json.GetProperty("name"u8).GetString()!, json.GetProperty("description"u8).GetString()!);
        var properties = json.GetProperty("properties"u8).EnumerateObject().ToDictionary(p => p.Name, p => ReadProperty(p.Value), StringComparer.Ordinal);
        if (!json.TryGetProperty("schema"u8, out var schema)) return new HostedDeclaration(name, description, properties);
        return new FunctionDeclaration(name, description, schema.Clone(), json.TryGetProperty("returns"u8, out var returns) ? returns.Clone() : null, properties);
    }

    private static void WriteProperty(Utf8JsonWriter json, string name, object? value)
    {
        json.WritePropertyName(name);
        switch (value)
        {
            case null: json.WriteNullValue(); break;
            case JsonElement element: element.WriteTo(json); break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case string text: json.WriteStringValue(text); break;
            case IReadOnlyList<string> names:
                json.WriteStartArray();
                foreach (var item in names) json.WriteStringValue(item);
                json.WriteEndArray();
                break;
            default: throw new NotSupportedException($"The property '{name}' of a tool cannot be written as JSON.");
        }
    }

    /// <summary>Every list is one of names: other values are objects as the caller sent them.</summary>
    private static object? ReadProperty(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True or JsonValueKind.False => value.GetBoolean(),
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Array => (IReadOnlyList<string>)[.. value.EnumerateArray().Select(i => i.GetString()!)],
        _ => value.Clone(),
    };

    private sealed class FunctionDeclaration(
        string name, string description, JsonElement schema, JsonElement? returns, IReadOnlyDictionary<string, object?> properties) : AIFunctionDeclaration
    {
        public override string Name => name;

        public override string Description => description;

        public override JsonElement JsonSchema => schema;

        public override JsonElement? ReturnJsonSchema => returns;

        public override IReadOnlyDictionary<string, object?> AdditionalProperties => properties;
    }

    private sealed class HostedDeclaration(string name, string description, IReadOnlyDictionary<string, object?> properties) : AITool
    {
        public override string Name => name;

        public override string Description => description;

        public override IReadOnlyDictionary<string, object?> AdditionalProperties => properties;
    }
}
