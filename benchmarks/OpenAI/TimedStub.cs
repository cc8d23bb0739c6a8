using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;

namespace PluginHost.Benchmarks.OpenAI;

/// <summary>A model that costs next to nothing, and remembers when it began to speak.</summary>
internal sealed class TimedStub : IChatClient
{
    private const string FirstWords = "The answer ";

    private long _spokeAt;

    /// <summary>What stands in a stream when the first words have come.</summary>
    public static ReadOnlyMemory<byte> First { get; } = Encoding.UTF8.GetBytes(FirstWords);

    /// <summary>When it last began to speak, in ticks of the stopwatch.</summary>
    public long SpokeAt => Volatile.Read(ref _spokeAt);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // A model is never there at once: whoever waits for it has to be woken.
        await Task.Yield();
        Volatile.Write(ref _spokeAt, Stopwatch.GetTimestamp());
        yield return new(ChatRole.Assistant, FirstWords);
        yield return new(ChatRole.Assistant, [new TextContent("is short."), new UsageContent(new UsageDetails { InputTokenCount = 12, OutputTokenCount = 5, TotalTokenCount = 17 })])
        {
            FinishReason = ChatFinishReason.Stop,
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
