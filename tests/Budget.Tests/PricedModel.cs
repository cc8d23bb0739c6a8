using System.Runtime.CompilerServices;

namespace PluginHost.Budget.Tests;

/// <summary>A model that reports what the test says. Thread-safe.</summary>
internal sealed class PricedModel : IChatClient
{
    private int _calls;

    public int Calls => _calls;

    public string Model { get; init; } = "gpt-5";

    /// <summary>What each call reports; null for a model that reports nothing.</summary>
    public UsageDetails? Usage { get; set; } = new() { InputTokenCount = 10, OutputTokenCount = 90, TotalTokenCount = 100 };

    public string Text { get; set; } = "fine";

    /// <summary>Makes a call fail before its first word.</summary>
    public Exception? Failure { get; set; }

    /// <summary>What calls wait for.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>The tool that each answer calls; null for none.</summary>
    public string? Tool { get; init; }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _calls);
        await Gate.WaitAsync(cancellationToken);
        if (Failure is not null) throw Failure;
        if (Tool is not null) yield return new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent(Guid.NewGuid().ToString("N"), Tool)]);
        else yield return new ChatResponseUpdate(ChatRole.Assistant, Text);
        if (Usage is not null) yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(Usage)]);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? new ChatClientMetadata("test", defaultModelId: Model) : null;

    public void Dispose()
    {
    }
}
