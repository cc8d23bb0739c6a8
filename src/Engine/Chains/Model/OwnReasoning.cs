using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.Engine.Chains.Model;

/// <summary>
/// The client of a plugin. Marks its reasoning with the plugin's name, and does not send it reasoning of other services: it cannot read that, and
/// services refuse signatures that are not their own. Reasoning that a caller sent has no mark, and is sent.
/// </summary>
/// <param name="inner">The plugin's client.</param>
/// <param name="plugin">The name of the plugin.</param>
internal sealed class OwnReasoning(IChatClient inner, string plugin) : DelegatingChatClient(inner)
{
    private readonly string _origin = $"plugin {plugin}";

    public override async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var response = await base.GetResponseAsync(WithoutForeign(messages), options, cancellationToken);
        foreach (var message in response?.Messages ?? []) Mark(message.Contents);
        return response!;
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var update in base.GetStreamingResponseAsync(WithoutForeign(messages), options, cancellationToken))
        {
            if (update is not null) Mark(update.Contents);
            yield return update!;
        }
    }

    private void Mark(IList<AIContent> contents)
    {
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is TextReasoningContent reasoning) WireContent.WithOrigin(reasoning, _origin);
        }
    }

    private IEnumerable<ChatMessage> WithoutForeign(IEnumerable<ChatMessage> messages) =>
        messages.Any(HasForeign) ? [.. messages.Select(m => HasForeign(m) ? Without(m) : m)] : messages;

    private bool HasForeign(ChatMessage message)
    {
        for (var i = 0; i < message.Contents.Count; i++)
        {
            if (IsForeign(message.Contents[i])) return true;
        }

        return false;
    }

    private bool IsForeign(AIContent content) => content is TextReasoningContent && WireContent.GetOrigin(content) is { } origin && origin != _origin;

    private ChatMessage Without(ChatMessage message)
    {
        var copy = message.Clone();
        copy.Contents = [.. message.Contents.Where(c => !IsForeign(c))];
        return copy;
    }
}
