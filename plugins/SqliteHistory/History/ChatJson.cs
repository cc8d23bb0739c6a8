using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;

namespace PluginHost.Sqlite;

/// <summary>The JSON metadata of Microsoft.Extensions.AI types.</summary>
internal static class ChatJson
{
    public static JsonTypeInfo<ChatMessage> Message { get; } = Get<ChatMessage>();

    public static JsonTypeInfo<IList<ChatMessage>> Messages { get; } = Get<IList<ChatMessage>>();

    public static JsonTypeInfo<UsageDetails> Usage { get; } = Get<UsageDetails>();

    private static JsonTypeInfo<T> Get<T>() => (JsonTypeInfo<T>)AIJsonUtilities.DefaultOptions.GetTypeInfo(typeof(T));
}
