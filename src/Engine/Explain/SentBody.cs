using System.Security.Cryptography;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Explain;

/// <summary>The hash of the body that a client sends to a model's server in one call. Thread-safe.</summary>
internal sealed class SentBody
{
    /// <summary>A client of a plugin gives the hash in this member of its first update.</summary>
    public const string Property = "pluginhost.body_sha256";

    /// <summary>The key of a function of a plugin's client that writes a request without sending it.</summary>
    public const string WriterKey = "pluginhost.request_writer";

    private static readonly AsyncLocal<SentBody?> Local = new();
    private volatile string? _sha256;

    /// <summary>Where the current call of a model wants its hash; null when it is not recorded.</summary>
    /// <remarks>Set it directly in the asynchronous method that calls the client: it ends with that method.</remarks>
    public static SentBody? Current
    {
        get => Local.Value;
        set => Local.Value = value;
    }

    /// <summary>SHA-256 in hexadecimal; null while nothing was sent, and for clients of plugins that do not give it.</summary>
    public string? Sha256 => _sha256;

    /// <summary>Takes the hash out of an update: callers and histories do not get it.</summary>
    public static void Take(ChatResponseUpdate update, SentBody? to)
    {
        if (update.AdditionalProperties is not { } properties || !properties.TryGetValue(Property, out var value)) return;
        properties.Remove(Property);
        if (properties.Count == 0) update.AdditionalProperties = null;
        if (to is not null && value is string { Length: 64 } hash) to._sha256 = hash;
    }

    /// <summary>The body that a client would send.</summary>
    /// <returns>Null when the client does not say.</returns>
    public static byte[]? Write(IChatClient client, IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        if (client.GetService<IRequestWriter>() is { } writer) return writer.Write(messages, options);
        return (client.GetService(typeof(Func<IEnumerable<ChatMessage>, ChatOptions?, byte[]>), WriterKey) as Func<IEnumerable<ChatMessage>, ChatOptions?, byte[]>)?.Invoke(messages, options);
    }

    public static string Hash(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));

    /// <summary>A client that has to send something else after a refusal sets it again.</summary>
    public void Set(ReadOnlySpan<byte> body) => _sha256 = Hash(body);
}
