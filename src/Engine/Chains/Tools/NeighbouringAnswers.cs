using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>
/// Joins the messages of one answer of the model. A caller who sends items sends its reasoning, its text and each of its parallel
/// calls by itself; a model reads parallel calls only in one message.
/// </summary>
internal static class NeighbouringAnswers
{
    /// <summary>Joins in place. A list without such neighbours costs one pass over its messages.</summary>
    /// <returns>Whether there were any.</returns>
    public static bool Join(List<ChatMessage> messages)
    {
        var count = messages.Count;
        for (var i = messages.Count - 1; i > 0; i--)
        {
            var (first, second) = (messages[i - 1], messages[i]);
            if (first.Role != ChatRole.Assistant || second.Role != ChatRole.Assistant || !(HasNoText(second) || IsReasoning(first))) continue;
            var joined = first.Clone();
            joined.Contents = [.. first.Contents, .. second.Contents];
            joined.AdditionalProperties = first.AdditionalProperties ?? second.AdditionalProperties;
            messages[i - 1] = joined;
            messages.RemoveAt(i);
        }

        return messages.Count < count;
    }

    private static bool HasNoText(ChatMessage message) =>
        message.Contents.Any(static c => c is FunctionCallContent || WireItem.Is(c)) && message.Contents.All(static c => c is FunctionCallContent or TextReasoningContent || c.GetType() == typeof(AIContent));

    private static bool IsReasoning(ChatMessage message) =>
        message.Contents.Any(static c => c is TextReasoningContent) && message.Contents.All(static c => c is TextReasoningContent || c.GetType() == typeof(AIContent));
}
