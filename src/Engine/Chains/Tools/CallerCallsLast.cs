using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>
/// Moves calls of the caller's tools behind all others of the same model message. The first of them ends the tool loop, so every
/// call of a plugin's tool has to come before it.
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
                foreach (var call in update.Contents.Where(IsCallers)) held.Contents.Add(call);
                update.Contents = update.Contents.Where(c => !IsCallers(c)).ToList();
            }

            yield return update;
        }

        if (held is not null) yield return held;
    }

    private bool IsCallers(AIContent content) => content is FunctionCallContent call && tools.IsCallers(call.Name);
}
