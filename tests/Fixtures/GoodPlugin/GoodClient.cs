using Microsoft.Extensions.AI;
using PluginHost.Sdk;

[assembly: Plugin("good-client", typeof(GoodPlugin.GoodClient), Options = typeof(GoodPlugin.GoodClientOptions))]

namespace GoodPlugin;

/// <param name="Greeting">The text of every answer.</param>
public sealed record GoodClientOptions(string Greeting = "Hello.");

/// <summary>A chat client that always gives the same answer.</summary>
public sealed class GoodClient(GoodClientOptions options, PluginContext context) : IChatClientFactory
{
    public PluginContext Context { get; } = context;

    public ValueTask<IChatClient> CreateAsync(ChatClientRequest request, CancellationToken cancellationToken) =>
        new(new Client(options.Greeting));

    private sealed class Client(string greeting) : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, greeting)));

        public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages,
            ChatOptions? options = null,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            await Task.CompletedTask;
            yield return new ChatResponseUpdate(ChatRole.Assistant, greeting);
        }

        public object? GetService(Type serviceType, object? serviceKey = null) => null;

        public void Dispose()
        {
        }
    }
}
