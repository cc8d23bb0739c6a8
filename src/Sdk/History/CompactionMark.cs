using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>What a message has that replaces what came before it: an item <c>compaction</c> of the Responses interface, of the host or of a model's service.</summary>
internal static class CompactionMark
{
    /// <summary>Where a content has an item that the host has no type for.</summary>
    public const string ItemKey = "wire.whole";

    public const string Type = "compaction";

    public static bool IsIn(ChatMessage message)
    {
        for (var i = 0; i < message.Contents.Count; i++)
        {
            if (message.Contents[i].AdditionalProperties is { } properties && properties.TryGetValue(ItemKey, out var value)
                && value is JsonElement { ValueKind: JsonValueKind.Object } item && item.TryGetProperty("type", out var type)
                && type.ValueKind == JsonValueKind.String && type.ValueEquals(Type)) return true;
        }

        return false;
    }
}
