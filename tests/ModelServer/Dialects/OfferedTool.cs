using System.Text.Json.Nodes;

namespace PluginHost.ModelServer.Dialects;

/// <summary>A tool as a request offers it.</summary>
/// <param name="Name">The name.</param>
/// <param name="IsCustom">Whether it takes a text.</param>
/// <param name="Arguments">What to call it with.</param>
internal sealed record OfferedTool(string Name, bool IsCustom, string Arguments)
{
    /// <summary>The namespace that it is in; null for none.</summary>
    public string? Namespace { get; private init; }

    public static IEnumerable<OfferedTool> In(JsonNode? tools)
    {
        foreach (var tool in tools?.AsArray() ?? [])
        {
            var type = (string?)tool!["type"];
            var body = tool[type is "function" or "custom" ? type : ""] ?? tool;
            if (type == "namespace")
            {
                foreach (var inner in In(tool["tools"])) yield return inner with { Namespace = (string?)tool["name"] };
            }
            else if (type is "function" or "custom")
            {
                yield return new((string)body["name"]!, type == "custom", type == "custom" ? "x" : ByName("", body["parameters"]).ToJsonString());
            }
        }
    }

    /// <summary>A value that a schema allows.</summary>
    private static JsonNode ByName(string name, JsonNode? schema)
    {
        if (schema?["enum"] is JsonArray { Count: > 0 } values) return values[0]!.DeepClone();
        var type = schema?["type"] is JsonArray types ? (string?)types[0] : (string?)schema?["type"];
        return type switch
        {
            "string" => name is "command" or "cmd" ? "echo it-works" : name == "city" ? "Rome" : "x",
            "integer" or "number" => 1,
            "boolean" => false,
            "array" => new JsonArray(),
            _ => new JsonObject((schema?["required"]?.AsArray() ?? []).Select(r => KeyValuePair.Create((string)r!, (JsonNode?)ByName((string)r!, schema!["properties"]?[(string)r!])))),
        };
    }
}
