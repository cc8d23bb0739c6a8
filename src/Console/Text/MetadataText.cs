using System.Text.Json;
using System.Text.Json.Nodes;

namespace PluginHost.WebConsole.Text;

/// <summary>Metadata as text to edit: a line for each key, or JSON when lines would change it. Stateless.</summary>
public static class MetadataText
{
    public static string Write(IReadOnlyDictionary<string, string> metadata)
    {
        var json = ToJson(metadata);
        var lines = string.Join('\n', metadata.Select(m => $"{m.Key}: {m.Value}"));
        return IsSame(lines, json) ? lines : JsonText.Indent(JsonElement.Parse(json.ToJsonString()));
    }

    public static JsonObject ToJson(IReadOnlyDictionary<string, string> metadata) => new(metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value)));

    /// <exception cref="JsonException">The text is neither lines of keys and values nor JSON.</exception>
    public static JsonObject Parse(string text)
    {
        if (text.AsSpan().TrimStart() is ['{', ..]) return JsonNode.Parse(text, documentOptions: new() { AllowDuplicateProperties = false })!.AsObject();
        var read = new JsonObject();
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1) throw new JsonException($"Expected 'key: value', got '{line}'.");
            read[line[..colon].Trim()] = line[(colon + 1)..].Trim();
        }

        return read;
    }

    private static bool IsSame(string text, JsonObject json)
    {
        try
        {
            return JsonNode.DeepEquals(Parse(text), json);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
