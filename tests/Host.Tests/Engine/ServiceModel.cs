using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Tests.Engine;

/// <summary>A model behind a service that keeps conversations: every answer has a new id, from which the next may continue.</summary>
internal sealed class ServiceModel(ScriptedModel script) : DelegatingChatClient(script)
{
    private int _answers;

    public ScriptedModel Script { get; } = script;

    public IEnumerable<string?> SentIds => Script.Calls.Select(c => c.Options?.ConversationId);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var id = $"r{++_answers}";
        await foreach (var update in base.GetStreamingResponseAsync(messages, options, cancellationToken))
        {
            update.ConversationId = id;
            yield return update;
        }
    }
}
