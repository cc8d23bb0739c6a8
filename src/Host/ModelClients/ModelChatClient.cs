using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains;
using PluginHost.ModelClients.OpenAI;
using PluginHost.ModelClients.OpenAI.Relay;
using PluginHost.Sdk;

namespace PluginHost.ModelClients;

/// <summary>
/// Applies the timeouts to calls of one model's server, and throws <see cref="ModelException"/> for every failure, including answers
/// that end early without an error.
/// </summary>
internal sealed class ModelChatClient(IChatClient inner, OpenAIServer server, ModelExceptionFactory errors, OpenAIOptions options, TimeProvider timeProvider)
    : DelegatingChatClient(inner)
{
    private readonly OpenAIEmbeddings _embeddings = new(server);
    private readonly TimeSpan _totalTimeout = TimeSpan.FromSeconds(options.TotalTimeoutSeconds);
    private readonly TimeSpan _updateTimeout = TimeSpan.FromSeconds(options.TimeoutSeconds);

    /// <summary>Gives the client itself, its metadata, its server (<see cref="IModelServer"/>), and the generator of embeddings on it.</summary>
    public override object? GetService(Type serviceType, object? serviceKey = null) =>
        base.GetService(serviceType, serviceKey)
        ?? (serviceKey is not null ? null : serviceType == typeof(IModelServer) ? server : serviceType.IsInstanceOfType(_embeddings) ? _embeddings : null);

    public override async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var deadline = new AnswerDeadline(timeProvider, cancellationToken);
        deadline.Set(_totalTimeout);
        try
        {
            return await base.GetResponseAsync(messages, options, deadline.Token);
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw errors.From(e, answerStarted: false);
        }
    }

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var deadline = new AnswerDeadline(timeProvider, cancellationToken);
        await using var updates = base.GetStreamingResponseAsync(messages, options, deadline.Token).GetAsyncEnumerator(deadline.Token);
        var (started, finished) = (false, false);
        while (await MoveNextAsync(updates, deadline, started, cancellationToken))
        {
            started = true;
            var update = updates.Current;
            if (ReferenceEquals(update, WireChatClient.Progress)) continue;
            finished |= update.FinishReason is not null;
            yield return update;
        }

        if (!finished) throw errors.CreateInterrupted();
    }

    private async Task<bool> MoveNextAsync(
        IAsyncEnumerator<ChatResponseUpdate> updates, AnswerDeadline deadline, bool started, CancellationToken cancellationToken)
    {
        try
        {
            // Count only the time that the server takes, not the time of a slow caller.
            deadline.Set(started ? _updateTimeout : _totalTimeout);
            var moved = await updates.MoveNextAsync();
            deadline.Set(Timeout.InfiniteTimeSpan);
            return moved;
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw errors.From(e, started);
        }
    }
}
