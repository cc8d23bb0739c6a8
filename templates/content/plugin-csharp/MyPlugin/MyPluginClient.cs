using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Sdk;

[assembly: Plugin("my-plugin", typeof(MyPlugin.MyPluginFactory), Options = typeof(MyPlugin.MyPluginOptions))]

namespace MyPlugin;

/// <summary>Options of <c>my-plugin</c>.</summary>
/// <param name="Greeting">What every answer begins with.</param>
public sealed record MyPluginOptions(string Greeting = "You said: ");

/// <summary>Makes clients that repeat the last message.</summary>
public sealed class MyPluginFactory(MyPluginOptions options) : IChatClientFactory
{
    /// <inheritdoc/>
    public ValueTask<IChatClient> CreateAsync(ChatClientRequest request, CancellationToken cancellationToken) => new(new Client(options));

    private sealed class Client(MyPluginOptions options) : IChatClient
    {
        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? chatOptions = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            yield return new ChatResponseUpdate(ChatRole.Assistant, options.Greeting);
            yield return new ChatResponseUpdate(ChatRole.Assistant, messages.LastOrDefault()?.Text);
        }

        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? chatOptions = null, CancellationToken cancellationToken = default) =>
            GetStreamingResponseAsync(messages, chatOptions, cancellationToken).ToChatResponseAsync(cancellationToken);

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
