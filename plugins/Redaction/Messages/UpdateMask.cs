using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Redaction;

/// <summary>Masks the updates of one run. For one stream.</summary>
internal sealed class UpdateMask(ContentMask contents)
{
    private readonly MessageTexts _texts = new(contents);

    /// <summary>The last update of the message that is going by; null before the first.</summary>
    private ChatResponseUpdate? _last;

    /// <summary>Masks a stream. Text that is held back goes before what ends it, in an update of its own or with the text before it.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> MaskAsync(
        IAsyncEnumerable<ChatResponseUpdate> updates, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var update in updates.WithCancellation(cancellationToken))
        {
            var isNew = _last is not null && IsOtherMessage(_last, update);
            if (_texts.IsHolding && (isNew || EndsText(update))) yield return Release();
            if (isNew) _last = null;
            var masked = Mask(update);
            var isNeeded = masked.Contents.Count > 0 || update.Contents.Count == 0 || SaysMore(update);
            _last = Merge(_last, update);
            if (isNeeded) yield return masked;
        }

        if (_texts.IsHolding) yield return Release();
    }

    private ChatResponseUpdate Mask(ChatResponseUpdate update)
    {
        var masked = _texts.Add(update.Contents, last: update.FinishReason is not null);
        if (masked == update.Contents) return update;
        var copy = update.Clone();
        copy.Contents = masked;
        // It holds the text as it was.
        copy.RawRepresentation = null;
        return copy;
    }

    /// <summary>What was held back, as the message that it belongs to.</summary>
    private ChatResponseUpdate Release()
    {
        var update = new ChatResponseUpdate
        {
            Role = _last?.Role,
            AuthorName = _last?.AuthorName,
            MessageId = _last?.MessageId,
            ResponseId = _last?.ResponseId,
            ConversationId = _last?.ConversationId,
            ModelId = _last?.ModelId,
            CreatedAt = _last?.CreatedAt,
        };
        _texts.Release(update.Contents);
        return update;
    }

    private static bool EndsText(ChatResponseUpdate update) =>
        MessageTexts.EndText(update.Contents) || (update.Contents.Count == 0 && update.FinishReason is not null);

    /// <summary>Whether an update whose text is all held back has to go all the same, for what it says beside.</summary>
    private bool SaysMore(ChatResponseUpdate update) =>
        _last is null || update.FinishReason is not null || update.AdditionalProperties is { Count: > 0 } || update.ContinuationToken is not null
        || IsNews(_last.Role?.Value, update.Role?.Value) || IsNews(_last.AuthorName, update.AuthorName)
        || IsNews(_last.MessageId, update.MessageId) || IsNews(_last.ResponseId, update.ResponseId)
        || IsNews(_last.ConversationId, update.ConversationId) || IsNews(_last.ModelId, update.ModelId);

    /// <summary>The same as when a response is made from updates.</summary>
    private static bool IsOtherMessage(ChatResponseUpdate last, ChatResponseUpdate update) =>
        Differ(last.MessageId, update.MessageId) || Differ(last.Role?.Value, update.Role?.Value) || Differ(last.AuthorName, update.AuthorName);

    private static bool Differ(string? last, string? now) => last is { Length: > 0 } && now is { Length: > 0 } && last != now;

    private static bool IsNews(string? last, string? now) => now is not null && last != now;

    private static ChatResponseUpdate Merge(ChatResponseUpdate? last, ChatResponseUpdate update) => new()
    {
        Role = update.Role ?? last?.Role,
        AuthorName = update.AuthorName ?? last?.AuthorName,
        MessageId = update.MessageId ?? last?.MessageId,
        ResponseId = update.ResponseId ?? last?.ResponseId,
        ConversationId = update.ConversationId ?? last?.ConversationId,
        ModelId = update.ModelId ?? last?.ModelId,
        CreatedAt = update.CreatedAt ?? last?.CreatedAt,
    };
}
