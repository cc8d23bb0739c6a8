using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Benchmarks.Runs;

/// <summary>A model client with almost no cost. It returns the same short answer immediately.</summary>
/// <param name="chunks">The number of chunks of a streamed answer. The last one ends it.</param>
public sealed class StubChatClient(int chunks = 2) : IChatClient
{
    public const string Answer = "The answer is short.";

    private static readonly ChatClientMetadata Metadata = new("stub", defaultModelId: "stub");

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, Answer)) { FinishReason = ChatFinishReason.Stop });

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (var i = 1; i < chunks; i++) yield return new(ChatRole.Assistant, "The answer ");
        yield return new(ChatRole.Assistant, "is short.") { FinishReason = ChatFinishReason.Stop };
        await Task.CompletedTask;
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(ChatClientMetadata) ? Metadata : null;

    public void Dispose()
    {
    }
}
