using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.ModelClients.OpenAI.Chat;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>The results of tools: text, the parts that a caller sent, or the contents that a plugin's tool gave, such as images.</summary>
internal static class ResultParts
{
    private const string Kind = "$type";

    /// <summary>The parts as a caller sent them, or in the form of chat completions.</summary>
    /// <returns>Null when the result is not a list of parts.</returns>
    public static JsonElement? Find(FunctionResultContent result) => result.Result switch
    {
        JsonElement { ValueKind: JsonValueKind.Array } parts when WireContent.GetForm(result) == WireContent.Part => parts,
        AIContent content => ToParts([content]),
        IEnumerable<AIContent> contents => ToParts([.. contents]),
        JsonElement { ValueKind: JsonValueKind.Object or JsonValueKind.Array } kept => ReadContents(kept) is { } contents ? ToParts(contents) : null,
        _ => null,
    };

    /// <summary>Text as it is, anything else as compact JSON.</summary>
    public static string ToText(object? result) => result switch
    {
        null => "",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } text => text.GetString()!,
        _ => CompactJson.Write(result),
    };

    /// <summary>Contents as a history gives them back; null for any other value.</summary>
    private static List<AIContent>? ReadContents(JsonElement kept)
    {
        List<JsonElement> all = kept.ValueKind == JsonValueKind.Array ? [.. kept.EnumerateArray()] : [kept];
        if (all.Count == 0 || !all.TrueForAll(static c => c.GetText(Kind) is not null)) return null;
        try
        {
            return all.ConvertAll(static c => (AIContent)c.Deserialize(AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(AIContent)))!);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException or FormatException)
        {
            // Not a content, though it looks like one: the constructors of contents check their values.
            return null;
        }
    }

    private static JsonElement? ToParts(List<AIContent> contents) => !contents.TrueForAll(ChatPartWriter.HasPart) ? null
        : JsonElement.Parse(CompactJson.Write(contents, static (json, all) =>
        {
            var writer = new ChatPartWriter(json);
            json.WriteStartArray();
            foreach (var content in all) writer.WritePart(content);
            json.WriteEndArray();
        }));
}
