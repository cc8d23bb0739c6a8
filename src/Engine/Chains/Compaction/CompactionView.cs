using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Messages;

namespace PluginHost.Engine.Chains.Compaction;

/// <summary>A message that a model gets.</summary>
/// <param name="Message">The message.</param>
/// <param name="Index">The index of the one that it is, or that it comes from.</param>
internal readonly record struct SeenMessage(ChatMessage Message, int Index);

/// <summary>
/// What a model gets of a conversation with compaction items of the host: of the messages before the newest item those of the user, which
/// stay as the item says, then a summary, and what follows. Immutable.
/// </summary>
internal sealed class CompactionView(CompactionSeal seal, string tenant)
{
    /// <summary>What the model reads before the summary.</summary>
    private const string Head = "Summary of the conversation so far. Its other messages are no longer shown:\n";

    /// <param name="messages">The conversation.</param>
    /// <param name="mayLeaveOut">Whether a message before an item may be left out.</param>
    /// <returns>The same list when it has no items.</returns>
    public IReadOnlyList<ChatMessage> Apply(IReadOnlyList<ChatMessage> messages, Func<ChatMessage, bool> mayLeaveOut) =>
        CompactionItem.IsIn(messages) ? [.. Apply(messages, (int i) => mayLeaveOut(messages[i])).Select(static s => s.Message)] : messages;

    /// <param name="messages">The conversation.</param>
    /// <param name="mayLeaveOut">Whether a message before an item may be left out.</param>
    public IReadOnlyList<SeenMessage> Apply(IReadOnlyList<ChatMessage> messages, Func<int, bool> mayLeaveOut)
    {
        var (at, place, content) = FindNewest(messages);
        var firstUser = content is null ? 0 : FindFirstUser(messages, at, content.Keep, mayLeaveOut);
        var seen = new List<SeenMessage>(messages.Count);
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            // An item that was asked for is there by now.
            if (CompactionItem.IsTrigger(message) && i < messages.Count - 1) continue;
            if (i < at && mayLeaveOut(i) && !Stays(message, i, firstUser)) continue;
            if (i == at) seen.Add(new(CreateSummary(content!), i));
            if (WithoutItems(message, i == at ? place : 0) is { } rest) seen.Add(new(rest, i));
        }

        return seen;
    }

    public static ChatMessage CreateSummary(CompactedContext content) => CompactionItem.CreateSummary(Head + content.Summary);

    /// <summary>The messages of the user, newest first, that stay beside a summary; the newest one in any case.</summary>
    /// <returns>The index of the first one of them.</returns>
    public static int FindFirstUser(IReadOnlyList<ChatMessage> messages, int end, long? keep, Func<int, bool> mayLeaveOut)
    {
        var (first, tokens) = (end, 0L);
        for (var i = end - 1; i >= 0; i--)
        {
            if (messages[i].Role != ChatRole.User || CompactionItem.IsTrigger(messages[i]) || CompactionItem.IsSummary(messages[i]) || !mayLeaveOut(i)) continue;
            tokens += TokenWeights.Estimate(messages[i]);
            if (first < end && tokens > keep) break;
            first = i;
        }

        return first;
    }

    /// <summary>Instructions among the messages stay, too. An older summary does not: the new one covers it.</summary>
    public static bool Stays(ChatMessage message, int index, int firstUser) => message.Role == ChatRole.User
        ? index >= firstUser && !CompactionItem.IsSummary(message)
        : message.Role != ChatRole.Assistant && message.Role != ChatRole.Tool;

    private (int Message, int Content, CompactedContext? Found) FindNewest(IReadOnlyList<ChatMessage> messages)
    {
        for (var i = messages.Count - 1; i >= 0; i--)
        {
            for (var j = messages[i].Contents.Count - 1; j >= 0; j--)
            {
                if (CompactionItem.FindSealed(messages[i].Contents[j]) is { } text && seal.Open(tenant, text) is { } content) return (i, j, content);
            }
        }

        // Nothing can be read, so nothing is left out.
        return (-1, 0, null);
    }

    /// <param name="message">The message.</param>
    /// <param name="from">Where its items and what is before them end.</param>
    /// <returns>Null when nothing is left.</returns>
    private static ChatMessage? WithoutItems(ChatMessage message, int from)
    {
        if (from == 0 && !message.Contents.Any(static c => CompactionItem.FindSealed(c) is not null)) return message;
        List<AIContent> contents = [.. message.Contents.Skip(from).Where(static c => CompactionItem.FindSealed(c) is null)];
        if (contents.Count == 0) return null;
        var rest = message.Clone();
        rest.Contents = contents;
        return rest;
    }
}
