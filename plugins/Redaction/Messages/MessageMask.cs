using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Redaction;

/// <summary>Masks complete messages. Thread-safe.</summary>
/// <remarks>
/// Remembers what a message was masked to for as long as it lives: the tool loop sends the same messages with every call of
/// the model, and a history may give the same ones in every run.
/// </remarks>
internal sealed class MessageMask(ContentMask contents)
{
    private readonly ConditionalWeakTable<ChatMessage, Known> _known = [];

    public IReadOnlyList<ChatMessage> Mask(IEnumerable<ChatMessage> messages) => [.. messages.Select(Mask)];

    /// <returns>The same message when there was nothing to mask.</returns>
    public ChatMessage Mask(ChatMessage message)
    {
        // A list that has grown is how a message under construction would show.
        if (_known.TryGetValue(message, out var known) && known.Contents == message.Contents.Count) return known.Masked;
        var masked = MaskNew(message);
        _known.AddOrUpdate(message, new(masked, message.Contents.Count));
        if (masked != message) _known.AddOrUpdate(masked, new(masked, masked.Contents.Count));
        return masked;
    }

    private ChatMessage MaskNew(ChatMessage message)
    {
        var texts = new MessageTexts(contents);
        var masked = texts.Add(message.Contents, last: true);
        if (!texts.HasMasked) return message;
        var copy = message.Clone();
        copy.Contents = masked;
        // It holds the message as it was, and a chat client may send it instead.
        copy.RawRepresentation = null;
        return copy;
    }

    private sealed record Known(ChatMessage Masked, int Contents);
}
