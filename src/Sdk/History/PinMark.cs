using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>What makes a message stay when older ones are left out.</summary>
internal static class PinMark
{
    public const string Property = "pinned";

    /// <summary>Where a content has an item of the Responses interface that the host has no type for.</summary>
    public const string ItemKey = "wire.whole";

    /// <summary>Whether the caller has pinned the message: a member of its additional properties.</summary>
    public static bool Is(ChatMessage message) => message.AdditionalProperties?.TryGetValue(Property, out var value) == true
        && value is true or JsonElement { ValueKind: JsonValueKind.True };

    /// <summary>Whether the message has an item that replaces what came before it, of the host or of a model's service.</summary>
    public static bool Replaces(ChatMessage message)
    {
        for (var i = 0; i < message.Contents.Count; i++)
        {
            if (message.Contents[i].AdditionalProperties is { } properties && properties.TryGetValue(ItemKey, out var value)
                && value is JsonElement { ValueKind: JsonValueKind.Object } item && item.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
                && type.ValueEquals("compaction"u8)) return true;
        }

        return false;
    }
}
