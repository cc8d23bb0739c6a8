using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>
/// Joins the updates of the most frequent answer, one message of text, into what <see cref="ChatResponseExtensions.ToChatResponse"/> makes of
/// them, without what that needs for all others.
/// </summary>
internal static class JoinedText
{
    /// <param name="updates">The updates.</param>
    /// <param name="start">The first one.</param>
    /// <param name="end">The one behind the last.</param>
    /// <param name="answer">The answer.</param>
    /// <returns>False when the updates are anything else.</returns>
    public static bool TryJoin(IReadOnlyList<ChatResponseUpdate> updates, int start, int end, [NotNullWhen(true)] out ChatResponse? answer)
    {
        answer = null;
        if (start == end || !IsOneText(updates, start, end, out var texts, out var length)) return false;
        var message = new ChatMessage(ChatRole.Assistant, texts == 0 ? [] : new List<AIContent>(1) { Join(updates, start, end, texts, length) });
        answer = new ChatResponse(new List<ChatMessage>(1) { message });
        for (var i = start; i < end; i++) Add(updates[i], message, answer);
        return true;
    }

    private static bool IsOneText(IReadOnlyList<ChatResponseUpdate> updates, int start, int end, out int texts, out int length)
    {
        (texts, length) = (0, 0);
        string? id = null;
        for (var i = start; i < end; i++)
        {
            var update = updates[i];
            if (update.AuthorName is not null || update.AdditionalProperties is not null || (update.Role is { } role && role != ChatRole.Assistant)) return false;
            if (update.MessageId is { Length: > 0 } given && given != (id ??= given)) return false;
            var contents = update.Contents;
            for (var j = 0; j < contents.Count; j++)
            {
                var content = contents[j];
                if (content is UsageContent) continue;
                if (content.GetType() != typeof(TextContent) || content.AdditionalProperties is not null || content.Annotations is not null) return false;
                texts++;
                length += ((TextContent)content).Text.Length;
            }
        }

        return true;
    }

    private static void Add(ChatResponseUpdate update, ChatMessage message, ChatResponse answer)
    {
        // Some servers have no time, and say that it is the beginning of time.
        if (message.CreatedAt is null && update.CreatedAt > DateTimeOffset.UnixEpoch) message.CreatedAt = update.CreatedAt;
        if (update.MessageId is { Length: > 0 } id) message.MessageId = id;
        if (update.FinishReason is { } reason) answer.FinishReason = reason;
        var contents = update.Contents;
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is UsageContent usage) (answer.Usage ??= new()).Add(usage.Details);
        }
    }

    /// <summary>The only text as it is, or a new one.</summary>
    private static TextContent Join(IReadOnlyList<ChatResponseUpdate> updates, int start, int end, int texts, int length)
    {
        if (texts == 1) return Texts(updates, start, end).First();
        return new TextContent(string.Create(length, (updates, start, end), static (text, state) =>
        {
            foreach (var piece in Texts(state.updates, state.start, state.end))
            {
                piece.Text.CopyTo(text);
                text = text[piece.Text.Length..];
            }
        }));
    }

    private static IEnumerable<TextContent> Texts(IReadOnlyList<ChatResponseUpdate> updates, int start, int end)
    {
        for (var i = start; i < end; i++)
        {
            var contents = updates[i].Contents;
            for (var j = 0; j < contents.Count; j++)
            {
                if (contents[j] is TextContent text) yield return text;
            }
        }
    }
}
