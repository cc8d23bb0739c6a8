using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Benchmarks.Runs;

namespace PluginHost.Benchmarks.Plugins;

/// <summary>
/// A model client with almost no cost. It calls a tool when the caller's message begins with the tool's name and a colon, and otherwise gives the same short answer. It
/// reports the same usage each time, as models do.
/// </summary>
internal sealed class CallingStub : IChatClient
{
    /// <summary>The model's name, for its price.</summary>
    public const string Model = "stub";

    private static readonly ChatClientMetadata Metadata = new(Model, defaultModelId: Model);
    private static readonly UsageDetails Usage = new() { InputTokenCount = 1_200, OutputTokenCount = 8, TotalTokenCount = 1_208 };

    private long _calledAt;

    /// <summary>The time from the model's last call of a tool until the request with its result.</summary>
    public TimeSpan LastCall { get; private set; }

    /// <summary>The last request.</summary>
    public (IReadOnlyList<ChatMessage> Messages, ChatOptions? Options) Last { get; private set; }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        var arrivedAt = Stopwatch.GetTimestamp();
        var request = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        Last = (request, options);
        if (request[^1].Role == ChatRole.Tool)
        {
            LastCall = Stopwatch.GetElapsedTime(_calledAt, arrivedAt);
        }
        else if (FindTool(request[^1].Text, options?.Tools) is { } tool)
        {
            _calledAt = Stopwatch.GetTimestamp();
            yield return new(ChatRole.Assistant, [new FunctionCallContent("call_1", tool.Name, Arguments(request[^1].Text)), new UsageContent(Usage)])
            {
                FinishReason = ChatFinishReason.ToolCalls,
            };
            yield break;
        }

        yield return new(ChatRole.Assistant, [new TextContent(StubChatClient.Answer), new UsageContent(Usage)]) { FinishReason = ChatFinishReason.Stop };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType == typeof(ChatClientMetadata) ? Metadata : null;

    public void Dispose()
    {
    }

    private static AITool? FindTool(string text, IList<AITool>? tools)
    {
        var end = text.IndexOf(':', StringComparison.Ordinal);
        if (end < 0) return null;
        return tools?.FirstOrDefault(t => text.AsSpan(0, end).SequenceEqual(t.Name)) ?? throw new InvalidOperationException($"The model has no tool '{text[..end]}'.");
    }

    /// <summary><c>add: </c> gets numbers, and <c>remember: </c> the rest of the text.</summary>
    private static Dictionary<string, object?> Arguments(string text) => text.StartsWith("add:", StringComparison.Ordinal)
        ? new() { ["a"] = 2, ["b"] = 3 }
        : new() { ["fact"] = text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() };
}
