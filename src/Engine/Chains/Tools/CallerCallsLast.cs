using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>
/// Moves calls of the caller's tools behind all others of the same model message. The first of them ends the tool loop, so every
/// call of a plugin's tool has to come before it. The reasoning between calls of the caller stays between them.
/// </summary>
internal sealed class CallerCallsLast(IChatClient inner, ToolSet tools) : DelegatingChatClient(inner)
{
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatResponseUpdate? held = null;
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            if (update.Contents.Any(IsCallers))
            {
                held ??= new ChatResponseUpdate(ChatRole.Assistant, [])
                {
                    MessageId = update.MessageId,
                    ResponseId = update.ResponseId,
                    ConversationId = update.ConversationId,
                };
            }

            if (held is not null) update.Contents = PassOn(update.Contents, held.Contents);
            yield return update;
        }

        if (held is not null) yield return held;
    }

    /// <summary>What is passed on of some contents; the others are held.</summary>
    private List<AIContent> PassOn(IList<AIContent> contents, IList<AIContent> held)
    {
        var passed = new List<AIContent>();
        foreach (var content in contents)
        {
            if (IsCallers(content) || content is TextReasoningContent || (content.GetType() == typeof(AIContent) && content.AdditionalProperties is not { Count: > 0 }))
            {
                held.Add(content);
                continue;
            }

            if (content is not UsageContent)
            {
                // Reasoning comes before what it led to.
                passed.AddRange(held.Where(c => !IsCallers(c)));
                for (var i = held.Count - 1; i >= 0; i--)
                {
                    if (!IsCallers(held[i])) held.RemoveAt(i);
                }
            }

            passed.Add(content);
        }

        return passed;
    }

    private bool IsCallers(AIContent content) => content is FunctionCallContent call && tools.IsCallers(call.Name);
}
