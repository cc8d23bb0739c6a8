using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Http.Binding;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI;

/// <summary>Passes on the fields of requests that the host does not know.</summary>
internal static class OpenMembers
{
    public static JsonElement? ToJson(IReadOnlyDictionary<string, JsonElement>? members) =>
        members is null or { Count: 0 } ? null : JsonSerializer.SerializeToElement(new Dictionary<string, JsonElement>(members), WireJson.Default.DictionaryStringJsonElement);

    /// <summary>The members of an object without some of them. Of duplicates the last one counts.</summary>
    public static Dictionary<string, JsonElement> Read(JsonElement json, params ReadOnlySpan<string> without)
    {
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in json.EnumerateObject())
        {
            if (!without.Contains(member.Name)) members[member.Name] = member.Value;
        }

        return members;
    }

    /// <summary>The members of a union's case without its discriminator.</summary>
    public static JsonElement WithoutType(JsonElement sent) =>
        ToJson(Read(sent, "type")) ?? JsonElement.Parse("{}"u8);

    public static T WithMembers<T>(this T content, IOpenBody body)
        where T : AIContent => WireContent.WithMembers(content, ToJson(body.Others));
}
