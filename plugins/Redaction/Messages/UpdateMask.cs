using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Redaction;

/// <summary>Masks the updates of one stream. Not thread-safe.</summary>
internal sealed class UpdateMask(ContentMask contents)
{
    private readonly MessageTexts _texts = new(contents);

    /// <summary>The merged updates of the current message; null before the first.</summary>
    private ChatResponseUpdate? _last;

    /// <summary>Masks a stream. Held text is released before the update that ends the text, in a separate update if necessary.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> MaskAsync(
        IAsyncEnumerable<ChatResponseUpdate> updates, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var update in updates.WithCancellation(cancellationToken))
        {
            var isNew = _last is not null && IsOtherMessage(_last, update);
            if (_texts.HasHeldText && (isNew || EndsText(update))) yield return Release();
            if (isNew) _last = null;
            var masked = Mask(update);
            var isNeeded = masked.Contents.Count > 0 || update.Contents.Count == 0 || HasNewValues(update);
            _last = Merge(_last, update);
            if (isNeeded) yield return masked;
        }

        if (_texts.HasHeldText) yield return Release();
    }

    private ChatResponseUpdate Mask(ChatResponseUpdate update)
    {
        var masked = _texts.Add(update.Contents, last: update.FinishReason is not null);
        // An update without contents has only its raw representation to say, which may hold any text.
        if (masked == update.Contents && (update.Contents.Count > 0 || update.RawRepresentation is null)) return update;
        var copy = update.Clone();
        copy.Contents = masked;
        // The raw representation holds the original text.
        copy.RawRepresentation = null;
        return copy;
    }

    /// <summary>Creates an update with the held text for the current message.</summary>
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
        MessageTexts.SeparatesText(update.Contents) || (update.Contents.Count == 0 && update.FinishReason is not null);

    /// <summary>Whether an update has new values besides its text, and must be sent although all its text is held back.</summary>
    private bool HasNewValues(ChatResponseUpdate update) =>
        _last is null || update.FinishReason is not null || update.AdditionalProperties is { Count: > 0 } || update.ContinuationToken is not null
        || IsNew(_last.Role?.Value, update.Role?.Value) || IsNew(_last.AuthorName, update.AuthorName)
        || IsNew(_last.MessageId, update.MessageId) || IsNew(_last.ResponseId, update.ResponseId)
        || IsNew(_last.ConversationId, update.ConversationId) || IsNew(_last.ModelId, update.ModelId);

    /// <summary>Whether an update starts another message, by the rules of <see cref="ChatResponseExtensions.ToChatResponse"/>.</summary>
    private static bool IsOtherMessage(ChatResponseUpdate last, ChatResponseUpdate update) =>
        Differ(last.MessageId, update.MessageId) || Differ(last.Role?.Value, update.Role?.Value) || Differ(last.AuthorName, update.AuthorName);

    private static bool Differ(string? last, string? now) => last is { Length: > 0 } && now is { Length: > 0 } && last != now;

    private static bool IsNew(string? last, string? now) => now is not null && last != now;

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
