using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Redaction.Tests;

/// <summary>A model that records its last request.</summary>
internal sealed class RecordingChatClient : IChatClient
{
    public string Answer { get; init; } = "ok";

    public IReadOnlyList<ChatMessage> Messages { get; private set; } = [];

    public ChatOptions? Options { get; private set; }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        (Messages, Options) = ([.. messages], options);
        yield return new(ChatRole.Assistant, Answer);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
