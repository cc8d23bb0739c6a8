using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Sources;

/// <summary>Reads JSON with comments and trailing commas into objects whose members are found in any case.</summary>
internal static class JsonFile
{
    /// <summary>Names the schema of the file for editors. The host does not read it.</summary>
    public const string SchemaMember = "$schema";

    private static readonly JsonDocumentOptions Options = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>The file's text; null, with an error, when it cannot be read.</summary>
    public static string? ReadText(string file, List<ConfigurationError> errors)
    {
        try
        {
            // As text, because editors of some systems begin a file with a byte order mark, which is not JSON.
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.Add(new(file, $"The file cannot be read: {e.Message}"));
            return null;
        }
    }

    /// <summary>The object of a file with this text; null, with an error, when it is not JSON.</summary>
    public static JsonObject? Parse(string file, string text, List<ConfigurationError> errors)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Options);
            if (document.RootElement.ValueKind == JsonValueKind.Object) return ReadRoot(document.RootElement, errors);
            errors.Add(new(file, "The file does not hold a JSON object.", "It starts with { and ends with }."));
        }
        catch (JsonException e)
        {
            errors.Add(new(
                $"{file}, line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}",
                "The file is not JSON.",
                "Comments and trailing commas are allowed, nothing else beyond the standard.")
            {
                Line = (int?)e.LineNumber + 1,
            });
        }

        return null;
    }

    private static JsonObject ReadRoot(JsonElement element, List<ConfigurationError> errors)
    {
        var root = ToObject(element, "", errors);
        if (root[SchemaMember] is JsonValue schema && schema.GetValueKind() == JsonValueKind.String) root.Remove(SchemaMember);
        return root;
    }

    private static JsonObject ToObject(JsonElement element, string path, List<ConfigurationError> errors)
    {
        var result = new JsonObject(OptionsSection.NodeOptions);
        foreach (var member in element.EnumerateObject())
        {
            var memberPath = path.Length == 0 ? member.Name : $"{path}:{member.Name}";
            var value = ToNode(member.Value, memberPath, errors);
            if (result.ContainsKey(member.Name))
                errors.Add(new(
                    memberPath,
                    "Duplicate key.",
                    "Keep one; upper and lower case do not tell keys apart."));
            else
                result.Add(member.Name, value);
        }

        return result;
    }

    private static JsonNode? ToNode(JsonElement element, string path, List<ConfigurationError> errors)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                return ToObject(element, path, errors);
            case JsonValueKind.Array:
                var items = element.EnumerateArray().Select((item, i) => ToNode(item, $"{path}:{i}", errors));
                return new JsonArray(OptionsSection.NodeOptions, [.. items]);
            case JsonValueKind.Null:
                return null;
            default:
                // A clone outlives the document.
                return JsonValue.Create(element.Clone());
        }
    }
}
