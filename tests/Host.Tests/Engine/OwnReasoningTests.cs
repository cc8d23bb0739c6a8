using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Model;

namespace PluginHost.Tests.Engine;

/// <summary>Agents on different services share a session: each service gets its own reasoning back, and no other's.</summary>
public sealed class OwnReasoningTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_plugins_client_gets_its_own_reasoning_back_and_not_that_of_another(bool streamed)
    {
        var (first, second) = (new Thinker("first"), new Thinker("second"));
        var conversation = new List<ChatMessage> { new(ChatRole.User, "hi"), new(ChatRole.Assistant, [new TextReasoningContent("of the caller"), new TextContent("hello")]) };
        await AskAsync(new OwnReasoning(first, "one"), conversation, streamed);
        await AskAsync(new OwnReasoning(second, "two"), conversation, streamed);

        await AskAsync(new OwnReasoning(first, "one"), conversation, streamed);
        await AskAsync(new OwnReasoning(second, "two"), conversation, streamed);

        Assert.Equal(["of the caller", "of the caller first"], first.Got);
        Assert.Equal(["of the caller", "of the caller second"], second.Got);
        Assert.Equal(11, conversation.SelectMany(m => m.Contents).Count());
    }

    private static async Task AskAsync(OwnReasoning client, List<ChatMessage> conversation, bool streamed)
    {
        var answer = streamed ? await client.GetStreamingResponseAsync(conversation).ToChatResponseAsync() : await client.GetResponseAsync(conversation);
        conversation.AddRange(answer.Messages);
    }

    /// <summary>Remembers the reasoning that it gets, and answers with its name.</summary>
    private sealed class Thinker(string name) : IChatClient
    {
        public List<string> Got { get; } = [];

        public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            await AnswerAsync(messages, cancellationToken).ToChatResponseAsync(cancellationToken);

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => AnswerAsync(messages, cancellationToken);

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }

        private async IAsyncEnumerable<ChatResponseUpdate> AnswerAsync(IEnumerable<ChatMessage> messages, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            Got.Add(string.Join(' ', messages.SelectMany(m => m.Contents).OfType<TextReasoningContent>().Select(r => r.Text)));
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new TextReasoningContent(name) { ProtectedData = "sig" }, new TextContent("x")]);
        }
    }
}
