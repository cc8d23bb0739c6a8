using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Messages;

/// <summary>
/// An item of the Responses interface that the host has no type for, such as a search that the model's service ran. It passes as it is
/// between caller and service, and through every history.
/// </summary>
internal static class WireItem
{
    private const string Key = CompactionMark.ItemKey;

    /// <summary>The places in the text before that an answer refers to. They follow it, because texts are joined.</summary>
    private const string AnnotationsKey = "wire.annotations";

    public static AIContent Create(JsonElement item) => new() { AdditionalProperties = new() { [Key] = item } };

    public static AIContent CreateAnnotations(JsonElement list) => new() { AdditionalProperties = new() { [AnnotationsKey] = list } };

    /// <summary>The item; null for another content.</summary>
    public static JsonElement? Find(AIContent content) => Find(content, Key, JsonValueKind.Object);

    public static JsonElement? FindAnnotations(AIContent content) => Find(content, AnnotationsKey, JsonValueKind.Array);

    public static bool Is(AIContent content) => Find(content) is not null;

    private static JsonElement? Find(AIContent content, string key, JsonValueKind kind) =>
        content.AdditionalProperties is { } properties && properties.TryGetValue(key, out var value) && value is JsonElement json && json.ValueKind == kind ? json : null;
}

/// <summary>An event about an item under way, as the service sent it. It is streamed to the caller and kept nowhere.</summary>
internal sealed class WireEvent(JsonElement data)
{
    public JsonElement Data { get; } = data;
}
