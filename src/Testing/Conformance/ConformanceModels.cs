using System.Runtime.CompilerServices;
using System.Text.Json;

namespace PluginHost.Sdk.Testing.Conformance;

/// <summary>A model that repeats the last message, word by word.</summary>
internal sealed class EchoModel : ModelDouble
{
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var words = (messages.LastOrDefault()?.Text ?? "").Split(' ');
        for (var i = 0; i < words.Length; i++)
        {
            await Task.Yield();
            yield return new ChatResponseUpdate(ChatRole.Assistant, i == 0 ? words[i] : $" {words[i]}") { MessageId = "echo" };
        }
    }
}

/// <summary>A model that is called, cancels the run, and does not answer until it is cancelled itself.</summary>
internal sealed class HangingModel(CancellationTokenSource run) : ModelDouble
{
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        yield return new ChatResponseUpdate(ChatRole.Assistant, "wait");
        await run.CancelAsync();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }
}

/// <summary>A model that calls each tool once, with a text or a number for each argument that is required, and then says so.</summary>
internal sealed class ToolCallingModel : ModelDouble
{
    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        var tools = options?.Tools?.OfType<AIFunctionDeclaration>().ToList() ?? [];
        if (tools.Count == 0 || messages.LastOrDefault()?.Role == ChatRole.Tool)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, "done");
            yield break;
        }

        foreach (var tool in tools) yield return new ChatResponseUpdate(ChatRole.Assistant, [new FunctionCallContent(tool.Name, tool.Name, Arguments(tool.JsonSchema))]);
    }

    private static Dictionary<string, object?> Arguments(JsonElement schema) =>
        !schema.TryGetProperty("required", out var required)
            ? []
            : required.EnumerateArray().Select(n => n.GetString()!).ToDictionary(
                n => n,
                object? (n) => schema.GetProperty("properties").GetProperty(n) is var property && property.TryGetProperty("type", out var type) && type.ValueEquals("string") ? "hello" : 1);
}

/// <summary>What the models above have in common.</summary>
internal abstract class ModelDouble : IChatClient
{
    public abstract IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default);

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
