using System.Text.Json;
using PluginHost.Engine.Messages;

namespace PluginHost.OpenAI;

/// <summary>How likely the tokens of a text are, piece by piece as the model's server gave it.</summary>
internal static class LogProbabilities
{
    private const string Content = "content", Refusal = "refusal";

    /// <summary>The tokens of pieces in one object, as chat completions have it; null when there are none.</summary>
    public static JsonElement? Join(IReadOnlyCollection<JsonElement> pieces)
    {
        if (pieces.Count == 0) return null;
        return JsonElement.Parse(CompactJson.Write(pieces, static (json, all) =>
        {
            json.WriteStartObject();
            foreach (var name in (ReadOnlySpan<string>)[Content, Refusal]) WriteList(json, name, all);
            json.WriteEndObject();
        }));
    }

    /// <summary>The tokens of the text in a piece.</summary>
    public static IEnumerable<JsonElement> TokensOf(JsonElement piece, string name = Content) =>
        piece.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [];

    private static void WriteList(Utf8JsonWriter json, string name, IReadOnlyCollection<JsonElement> pieces)
    {
        var isThere = pieces.Any(p => p.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array);
        if (!isThere)
        {
            json.WriteNull(name);
            return;
        }

        json.WriteStartArray(name);
        foreach (var token in pieces.SelectMany(p => TokensOf(p, name))) token.WriteTo(json);
        json.WriteEndArray();
    }
}
