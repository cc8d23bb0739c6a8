using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;

namespace PluginHost.Benchmarks.OpenAI;

/// <summary>A model client with almost no cost. It records the time of its last first token.</summary>
internal sealed class TimedStub : IChatClient
{
    private const string FirstText = "The answer ";

    private long _firstTokenAt;

    /// <summary>The bytes in a stream that show that the first token has arrived.</summary>
    public static ReadOnlyMemory<byte> FirstToken { get; } = Encoding.UTF8.GetBytes(FirstText);

    /// <summary>The time when the last request produced its first token, in stopwatch ticks.</summary>
    public long FirstTokenAt => Volatile.Read(ref _firstTokenAt);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // A real model never answers synchronously.
        await Task.Yield();
        Volatile.Write(ref _firstTokenAt, Stopwatch.GetTimestamp());
        yield return new(ChatRole.Assistant, FirstText);
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
