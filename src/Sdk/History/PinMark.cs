using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>The mark of a message that its caller has pinned: a member of its additional properties.</summary>
internal static class PinMark
{
    public const string Property = "pinned";

    public static bool Is(ChatMessage message) => message.AdditionalProperties?.TryGetValue(Property, out var value) == true
        && value is true or JsonElement { ValueKind: JsonValueKind.True };
}
