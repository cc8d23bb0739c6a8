using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace PluginHost.Sqlite;

/// <summary>The JSON metadata of Microsoft.Extensions.AI types.</summary>
internal static class ChatJson
{
    /// <summary>The depth that JSON writers allow, so that whatever was written can be read.</summary>
    public const int MaxDepth = 1000;

    private static readonly JsonSerializerOptions Options = new(AIJsonUtilities.DefaultOptions) { MaxDepth = MaxDepth, WriteIndented = false };

    /// <summary>Reads all that the store writes.</summary>
    public static JsonDocumentOptions AnyDepth { get; } = new() { MaxDepth = MaxDepth };

    public static JsonTypeInfo<ChatMessage> Message { get; } = Get<ChatMessage>();

    public static JsonTypeInfo<IList<ChatMessage>> Messages { get; } = Get<IList<ChatMessage>>();

    public static JsonTypeInfo<UsageDetails> Usage { get; } = Get<UsageDetails>();

    private static JsonTypeInfo<T> Get<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));
}
