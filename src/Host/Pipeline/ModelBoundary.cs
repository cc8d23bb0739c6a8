using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Pipeline;

/// <summary>
/// Stands between plugins and the model in one run: remembers the model's own errors, so that they are told from a
/// middleware's, and settles the service's session id.
/// </summary>
internal sealed class ModelBoundary(IChatClient model, RunScope scope) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? candidate = null;
        var openCalls = false;
        await using var updates = model.GetStreamingResponseAsync(messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await updates.MoveNextAsync()) break;
            }
            catch (Exception e)
            {
                scope.ModelError = e;
                throw;
            }

            var update = updates.Current;
            candidate = update.ConversationId ?? candidate;
            openCalls |= HasCall(update.Contents);
            yield return update;
        }

        // With open calls the service waits for their results, and going on from there would be refused.
        if (candidate is not null && !openCalls) scope.ServiceSessionId = candidate;
    }

    private static bool HasCall(IList<AIContent> contents)
    {
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is FunctionCallContent) return true;
        }

        return false;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => model.GetService(serviceType, serviceKey);

    /// <summary>Does nothing: the model's client belongs to the chain, not to the run.</summary>
    public void Dispose()
    {
    }
}
