using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Explain;

namespace PluginHost.Engine.Runs.Replay;

/// <summary>Replaces the client of a model and sends nothing: the answer is empty. It hashes what the client would send.</summary>
internal sealed class UnsentClient(IChatClient client) : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        if (client.GetService<IRequestWriter>() is { } writer) SentBody.Current?.Set(writer.Write(messages, options));
        yield return new ChatResponseUpdate(ChatRole.Assistant, "") { FinishReason = ChatFinishReason.Stop };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? client.GetService(serviceType, serviceKey) : null;

    /// <summary>Does nothing: the client belongs to its chain.</summary>
    public void Dispose()
    {
    }
}
