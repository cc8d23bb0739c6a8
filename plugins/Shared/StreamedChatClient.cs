using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Shared;

/// <summary>
/// A client of one model. Always streams, so that it notices silence, and throws a <see cref="Sdk.ModelException"/> for an answer that breaks off, ends early, or
/// cannot be read. Thread-safe.
/// </summary>
internal abstract class StreamedChatClient(ChatClientMetadata metadata, ServerFailures failures) : IChatClient
{
    protected ServerFailures Failures { get; } = failures;

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        ReadAsync(Ask([.. messages], options ?? new ChatOptions(), cancellationToken), cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is SentBody.WriterKey && serviceType == typeof(Func<IEnumerable<ChatMessage>, ChatOptions?, byte[]>) ? Writer :
        serviceKey is not null ? null : serviceType == typeof(ChatClientMetadata) ? metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public abstract void Dispose();

    /// <summary>Writes the body of a request as it would be sent; null when only the service's own library does.</summary>
    protected virtual Func<IEnumerable<ChatMessage>, ChatOptions?, byte[]>? Writer => null;

    /// <summary>Writes the request. Enumerating the answer sends it.</summary>
    protected abstract IAsyncEnumerable<ChatResponseUpdate> Ask(IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken cancellationToken);

    private async IAsyncEnumerable<ChatResponseUpdate> ReadAsync(IAsyncEnumerable<ChatResponseUpdate> answer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var sent = SentBody.Current = new SentBody();
        await using var updates = answer.GetAsyncEnumerator(cancellationToken);
        var (isFirst, isComplete) = (true, false);
        while (await MoveNextAsync(updates, cancellationToken))
        {
            if (isFirst) sent.AddTo(updates.Current);
            isFirst = false;
            isComplete |= updates.Current.FinishReason is not null;
            yield return updates.Current;
        }

        if (!isComplete) throw Failures.CreateInterrupted();
    }

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ChatResponseUpdate> updates, CancellationToken cancellationToken)
    {
        try
        {
            return await updates.MoveNextAsync();
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Failures.From(e, answerStarted: true);
        }
    }
}
