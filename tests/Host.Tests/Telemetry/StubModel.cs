using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Tests.Telemetry;

/// <summary>Asks for the first tool once, when there is one, then answers "done"; reports 10 and 3 tokens for each call.</summary>
internal sealed class StubModel : IChatClient
{
    public Exception? Error { get; init; }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("stub", new("http://model.test:81"), "stub-1") : null;

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        await GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        if (Error is not null) throw Error;
        if (options?.Tools is [var tool, ..] && !messages.Any(m => m.Role == ChatRole.Tool))
            yield return New(new FunctionCallContent("call-1", tool.Name, new Dictionary<string, object?> { ["fact"] = "private" }));
        else
            yield return New(new TextContent("done"));
        yield return New(new UsageContent(new()
        {
            InputTokenCount = 10,
            OutputTokenCount = 3,
            CachedInputTokenCount = 1,
            ReasoningTokenCount = 2,
            AdditionalCounts = new() { ["cache_write_tokens"] = 4 },
        }));

        static ChatResponseUpdate New(AIContent content) => new(ChatRole.Assistant, [content])
        {
            ResponseId = "response-1",
            ModelId = "stub-1-2026",
            FinishReason = ChatFinishReason.Stop,
        };
    }

    public void Dispose()
    {
    }
}
