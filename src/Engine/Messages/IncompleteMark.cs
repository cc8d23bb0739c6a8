using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Messages;

/// <summary>
/// Marks the message before it as incomplete: a later process began it anew, because the model's second answer differs. It is a content
/// without a type, in what callers get, and in no history.
/// </summary>
internal static class IncompleteMark
{
    private const string Key = "pluginhost.incomplete";

    /// <param name="kept">How many pieces of the output before the message are still valid.</param>
    public static AIContent Create(int kept) => new() { AdditionalProperties = new() { [Key] = kept } };

    /// <summary>How many pieces before the message are valid; null for another content.</summary>
    public static int? Find(AIContent content) => content.AdditionalProperties?.TryGetValue(Key, out var value) != true ? null
        : value is int kept ? kept
        : value is JsonElement { ValueKind: JsonValueKind.Number } json ? json.GetInt32()
        : null;

    public static bool Is(AIContent content) => Find(content) is not null;
}
