using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Pipeline;

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
            var callers = update.Contents.Where(c => c is FunctionCallContent call && tools.IsCallers(call.Name)).ToList();
            if (callers.Count > 0)
            {
                held ??= new ChatResponseUpdate(ChatRole.Assistant, [])
                {
                    MessageId = update.MessageId,
                    ResponseId = update.ResponseId,
                    ConversationId = update.ConversationId,
                };
                foreach (var call in callers)
                {
                    held.Contents.Add(call);
                    update.Contents.Remove(call);
                }
            }

            yield return update;
        }

        if (held is not null) yield return held;
    }
}
