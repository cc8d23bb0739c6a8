using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Messages;

/// <summary>
/// Items of the Responses interface that replace the earlier part of a conversation, and what asks for one. Only the host can open those
/// that it made; those of a model's service pass as they are.
/// </summary>
internal static class CompactionItem
{
    public const string Type = CompactionMark.Type, Trigger = "compaction_trigger";

    /// <summary>What the sealed text of an item of the host begins with.</summary>
    public const string Prefix = "pluginhost.c1.";

    private const string Sealed = "encrypted_content";

    /// <summary>Marks options of a run that answers with nothing but such an item.</summary>
    private const string AskedKey = "wire.compact";

    /// <summary>Marks the message that a model gets instead of an item.</summary>
    private const string SummaryKey = "wire.summary";

    public static AIContent Create(string text) => WireItem.Create(ToJson(("id", "cmp"), ("type", Type), (Sealed, text)));

    /// <summary>The last message of a conversation that is to be compacted.</summary>
    public static ChatMessage CreateTrigger() => new(ChatRole.User, [WireItem.Create(ToJson(("type", Trigger)))]);

    /// <summary>What a model reads instead of an item.</summary>
    public static ChatMessage CreateSummary(string text) => new(ChatRole.User, text) { AdditionalProperties = new() { [SummaryKey] = true } };

    public static bool IsSummary(ChatMessage message) => message.AdditionalProperties?.ContainsKey(SummaryKey) == true;

    /// <summary>The sealed text of an item of the host; null for another content.</summary>
    public static string? FindSealed(AIContent content) => WireItem.Find(content) is { } item ? FindSealed(item) : null;

    /// <inheritdoc cref="FindSealed(AIContent)"/>
    public static string? FindSealed(JsonElement item) =>
        Is(item, Type) && item.TryGetProperty(Sealed, out var text) && text.ValueKind == JsonValueKind.String
        && text.GetString() is { } value && value.StartsWith(Prefix, StringComparison.Ordinal) ? value : null;

    public static bool IsTrigger(AIContent content) => WireItem.Find(content) is { } item && Is(item, Trigger);

    public static bool IsTrigger(ChatMessage message) => message.Contents is [{ } only] && IsTrigger(only);

    /// <summary>Whether a message has an item of the host, or asks for one.</summary>
    public static bool IsIn(ChatMessage message)
    {
        for (var i = 0; i < message.Contents.Count; i++)
        {
            if (IsOfHost(message.Contents[i])) return true;
        }

        return false;
    }

    /// <inheritdoc cref="IsIn(ChatMessage)"/>
    public static bool IsIn(IReadOnlyList<ChatMessage> messages)
    {
        for (var i = 0; i < messages.Count; i++)
        {
            if (IsIn(messages[i])) return true;
        }

        return false;
    }

    public static bool IsOfHost(AIContent content) => WireItem.Find(content) is { } item && (Is(item, Trigger) || FindSealed(item) is not null);

    /// <summary>Marks options: the answer is an item alone.</summary>
    public static ChatOptions Ask(ChatOptions options)
    {
        (options.AdditionalProperties ??= [])[AskedKey] = true;
        return options;
    }

    public static bool IsAsked(ChatOptions? options) => options?.AdditionalProperties?.ContainsKey(AskedKey) == true;

    private static bool Is(JsonElement item, string type) => item.TryGetProperty("type", out var value) && value.ValueKind == JsonValueKind.String && value.ValueEquals(type);

    private static JsonElement ToJson(params (string Name, string Value)[] members) => JsonElement.Parse(CompactJson.Write(members, static (json, all) =>
    {
        json.WriteStartObject();
        foreach (var (name, value) in all) json.WriteString(name, value);
        json.WriteEndObject();
    }));
}
