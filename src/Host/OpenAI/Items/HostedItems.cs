using System.Text.Json;
using PluginHost.Engine.Sessions.Store;
using PluginHost.OpenAI.Wire;

namespace PluginHost.OpenAI.Items;

/// <summary>
/// Items that pass as they are. Only their ids differ for callers: the place of the item here follows the service's id, so that it
/// can be named, read and deleted.
/// </summary>
internal static class HostedItems
{
    private const string Id = "id", Approval = "approval_request_id";

    public static HostedItem ToItem(JsonElement item, Func<string, string> idOf) => new(idOf(PrefixOf(item)))
    {
        Members = OpenMembers.Read(item, Id),
    };

    /// <summary>An item of a caller with the ids that the service knows.</summary>
    public static JsonElement FromCaller(JsonElement item)
    {
        if (!HasPlace(item, Id) && !HasPlace(item, Approval)) return item;
        var members = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in item.EnumerateObject())
            members[member.Name] = member.Name is Id or Approval && member.Value.ValueKind == JsonValueKind.String ? ToJson(ItemIds.WithoutPlace(member.Value.GetString()!)) : member.Value;
        return OpenMembers.ToJson(members)!.Value;
    }

    private static bool HasPlace(JsonElement item, string name) => item.TryGetProperty(name, out var id) && id.ValueKind == JsonValueKind.String && id.GetString()!.Contains(ItemIds.Behind);

    private static JsonElement ToJson(string text) => JsonSerializer.SerializeToElement(text, WireJson.Default.String);

    private static string PrefixOf(JsonElement item)
    {
        var id = item.TryGetProperty(Id, out var given) && given.ValueKind == JsonValueKind.String ? given.GetString()! : "";
        var type = item.GetProperty("type").GetString()!;
        return (IsShort(id) ? id : IsShort(type) ? type : "item") + ItemIds.Behind;
    }

    /// <summary>Whether a name can be a part of an id that callers write into addresses.</summary>
    private static bool IsShort(string name) => name.Length <= ItemIds.MaxServiceId && SessionIds.IsValid(name);
}
