using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Tests.Engine;

/// <summary>A model whose calls are answered by a script: one step for each call; the last step is repeated.</summary>
internal sealed class ScriptedModel(params IReadOnlyList<Func<ScriptedModel.Call, IAsyncEnumerable<ChatResponseUpdate>>> steps) : IChatClient
{
    public sealed record Call(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options, CancellationToken Cancellation);

    /// <summary>What the model was sent, call by call.</summary>
    public List<Call> Calls { get; } = [];

    public IEnumerable<string> Sent(int call) => Calls[call].Messages.Select(m => $"{m.Role}: {TestEngine.Describe(m)}");

    public static ScriptedModel Saying(string text) => new(_ => Say(text));

    public static IAsyncEnumerable<ChatResponseUpdate> Say(params string[] chunks) =>
        chunks.Select(c => new ChatResponseUpdate(ChatRole.Assistant, c) { MessageId = "m" }).ToAsyncEnumerable();

    public static IAsyncEnumerable<ChatResponseUpdate> CallTools(params (string Id, string Name)[] calls) =>
        new[]
        {
            new ChatResponseUpdate(ChatRole.Assistant, [.. calls.Select(c => new FunctionCallContent(c.Id, c.Name, new Dictionary<string, object?>()))])
            {
                MessageId = "c",
            },
        }.ToAsyncEnumerable();

    public static async IAsyncEnumerable<ChatResponseUpdate> Break(params string[] chunks)
    {
        await foreach (var update in Say(chunks)) yield return update;
        throw new InvalidOperationException("the model broke off");
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var call = new Call([.. messages], options, cancellationToken);
        int number;
        lock (Calls)
        {
            Calls.Add(call);
            number = Calls.Count;
        }

        await foreach (var update in steps[Math.Min(number, steps.Count) - 1](call).WithCancellation(cancellationToken)) yield return update;
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose()
    {
    }
}
