using System.Text.Json;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Reads members of answers, in which servers leave out, or set to null, what they do not have.</summary>
internal static class JsonMembers
{
    /// <summary>A member that is not null.</summary>
    public static JsonElement? Get(this JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value : null;

    public static string? GetText(this JsonElement json, string name) => json.Get(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public static long? GetCount(this JsonElement json, string name) =>
        json.Get(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var count) ? count : null;

    public static IEnumerable<JsonElement> GetList(this JsonElement json, string name) => json.Get(name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>The members of an object that are not null and not among these names, as an object; null when there are none.</summary>
    public static JsonElement? Others(this JsonElement json, IReadOnlySet<string> names)
    {
        Dictionary<string, JsonElement>? others = null;
        foreach (var member in json.EnumerateObject())
        {
            if (member.Value.ValueKind != JsonValueKind.Null && !names.Contains(member.Name)) (others ??= [])[member.Name] = member.Value;
        }

        return others is null ? null : JsonSerializer.SerializeToElement(others, MembersJson.Default.DictionaryStringJsonElement);
    }

    /// <summary>
    /// Writes the members of an object into the one that is being written, without those that this one has itself: of two members of one
    /// name, a server reads the last one.
    /// </summary>
    public static void WriteMembers(this Utf8JsonWriter json, JsonElement? members, params ReadOnlySpan<string> without)
    {
        if (members is not { ValueKind: JsonValueKind.Object } some) return;
        foreach (var member in some.EnumerateObject())
        {
            if (!without.Contains(member.Name)) member.WriteTo(json);
        }
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(Dictionary<string, JsonElement>))]
[System.Text.Json.Serialization.JsonSerializable(typeof(List<JsonElement>))]
internal sealed partial class MembersJson : System.Text.Json.Serialization.JsonSerializerContext;
