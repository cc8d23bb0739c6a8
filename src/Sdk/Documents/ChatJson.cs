using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>
/// The JSON of messages, in the form of Microsoft.Extensions.AI. Members that this version of that library does not know stay with
/// their object.
/// </summary>
internal static class ChatJson
{
    private static readonly ConditionalWeakTable<object, Dictionary<string, JsonElement>> Unknown = [];

    private static readonly JsonSerializerOptions Options = new(AIJsonUtilities.DefaultOptions)
    {
        MaxDepth = Document.MaxDepth,
        WriteIndented = false,
        TypeInfoResolver = AIJsonUtilities.DefaultOptions.TypeInfoResolver!.WithAddedModifier(KeepUnknown),
    };

    // Whether any object has unknown members; saves the search for them.
    private static volatile bool _hasUnknown;

    public static JsonTypeInfo<ChatMessage> Message { get; } = (JsonTypeInfo<ChatMessage>)Options.GetTypeInfo(typeof(ChatMessage));

    public static JsonTypeInfo<UsageDetails> Usage { get; } = (JsonTypeInfo<UsageDetails>)Options.GetTypeInfo(typeof(UsageDetails));

    public static JsonTypeInfo<ChatResponseUpdate> Update { get; } = (JsonTypeInfo<ChatResponseUpdate>)Options.GetTypeInfo(typeof(ChatResponseUpdate));

    public static JsonTypeInfo<AIContent> Content { get; } = (JsonTypeInfo<AIContent>)Options.GetTypeInfo(typeof(AIContent));

    public static JsonTypeInfo<ChatOptions> ChatOptions { get; } = (JsonTypeInfo<ChatOptions>)Options.GetTypeInfo(typeof(ChatOptions));

    public static ChatMessage ReadMessage(ref Utf8JsonReader json) =>
        JsonSerializer.Deserialize(ref json, Message) ?? throw new JsonException("Expected message, got null.");

    private static void KeepUnknown(JsonTypeInfo type)
    {
        if (type.Kind != JsonTypeInfoKind.Object || type.Type.Assembly != typeof(ChatMessage).Assembly) return;
        if (type.Type.IsValueType || type.Properties.Any(static p => p.IsExtensionData)) return;
        var property = type.CreateJsonPropertyInfo(typeof(Dictionary<string, JsonElement>), "(unknown)");
        property.IsExtensionData = true;
        property.Get = static owner => _hasUnknown && Unknown.TryGetValue(owner, out var members) ? members : null;
        property.Set = static (owner, members) =>
        {
            _hasUnknown = true;
            Unknown.AddOrUpdate(owner, (Dictionary<string, JsonElement>)members!);
        };
        type.Properties.Add(property);
    }
}
