using System.Text.Json;
using PluginHost.Engine.Messages;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Items;

/// <summary>Translates what a text refers to: chat completions have the members of a citation in an object, items have them directly.</summary>
internal static class Annotations
{
    private const string Type = "type", Citation = "url_citation";

    public static JsonElement ToChat(JsonElement annotation)
    {
        if (!Is(annotation, out var inner) || inner is not null) return annotation;
        return ToJson(new() { [Type] = annotation.GetProperty(Type), [Citation] = OpenMembers.WithoutType(annotation) });
    }

    /// <summary>A list as an item has it.</summary>
    public static JsonElement ToItems(JsonElement list) => JsonElement.Parse(CompactJson.Write(list, static (json, all) =>
    {
        json.WriteStartArray();
        foreach (var annotation in all.EnumerateArray()) ToItem(annotation).WriteTo(json);
        json.WriteEndArray();
    }));

    private static JsonElement ToItem(JsonElement annotation)
    {
        if (!Is(annotation, out var inner) || inner is not { } members) return annotation;
        var all = OpenMembers.Read(members);
        all[Type] = annotation.GetProperty(Type);
        return ToJson(all);
    }

    private static bool Is(JsonElement annotation, out JsonElement? inner)
    {
        inner = null;
        if (annotation.ValueKind != JsonValueKind.Object || !annotation.TryGetProperty(Type, out var type) || !type.ValueEquals(Citation)) return false;
        if (annotation.TryGetProperty(Citation, out var members) && members.ValueKind == JsonValueKind.Object) inner = members;
        return true;
    }

    private static JsonElement ToJson(Dictionary<string, JsonElement> members) => JsonSerializer.SerializeToElement(members, WireJson.Default.DictionaryStringJsonElement);
}
