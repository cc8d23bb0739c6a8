using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Benchmarks.Streams;

/// <summary>
/// A model that waits before each chunk. The last message of the request is the number of chunks. The first chunk tells the time at which it was made, in stopwatch ticks,
/// which all processes of a machine share.
/// </summary>
internal sealed class PacedStub : IChatClient
{
    /// <summary>What precedes the time in the first chunk.</summary>
    public const string TimePrefix = "made-at:";

    /// <summary>What follows the time.</summary>
    public const char TimeEnd = ';';

    public static TimeSpan Pace { get; } = TimeSpan.FromMilliseconds(100);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var chunks = int.Parse(messages.Last().Text, CultureInfo.InvariantCulture);
        for (var i = 0; i < chunks; i++)
        {
            await Task.Delay(Pace, cancellationToken);
            yield return new(ChatRole.Assistant, i == 0 ? $"{TimePrefix}{Stopwatch.GetTimestamp()}{TimeEnd}" : "some words ");
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
