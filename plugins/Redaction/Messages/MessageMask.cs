using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Redaction;

/// <summary>Masks complete messages. Thread-safe.</summary>
/// <remarks>
/// Caches the masked copy of a message while the message is in memory: the tool loop sends the same messages with every model call,
/// and a history may return the same messages in every run.
/// </remarks>
internal sealed class MessageMask(ContentMask contents)
{
    private readonly ConditionalWeakTable<ChatMessage, CacheEntry> _masked = [];

    public IReadOnlyList<ChatMessage> Mask(IEnumerable<ChatMessage> messages) => [.. messages.Select(Mask)];

    /// <returns>The same message when nothing matched.</returns>
    public ChatMessage Mask(ChatMessage message)
    {
        // A message under construction has more contents than its cached copy.
        if (_masked.TryGetValue(message, out var known) && known.Contents == message.Contents.Count) return known.Masked;
        var masked = CreateMasked(message);
        _masked.AddOrUpdate(message, new(masked, message.Contents.Count));
        if (masked != message) _masked.AddOrUpdate(masked, new(masked, masked.Contents.Count));
        return masked;
    }

    private ChatMessage CreateMasked(ChatMessage message)
    {
        var texts = new MessageTexts(contents);
        var masked = texts.Add(message.Contents, last: true);
        if (!texts.HasMasked) return message;
        var copy = message.Clone();
        copy.Contents = masked;
        // The raw representation holds the original message, and a chat client may send it.
        copy.RawRepresentation = null;
        return copy;
    }

    private sealed record CacheEntry(ChatMessage Masked, int Contents);
}
