using Microsoft.Extensions.AI;
using PluginHost.Sdk;

[assembly: Plugin("versioned-client", typeof(Versioned.VersionedClient))]

namespace Versioned;

/// <summary>Makes a chat client whose <see cref="IChatClient.GetService"/> throws.</summary>
public sealed class VersionedClient : IChatClientFactory
{
    public ValueTask<IChatClient> CreateAsync(ChatClientRequest request, CancellationToken cancellationToken) => new(new Client());

    private sealed class Client : IChatClient
    {
        public Task<ChatResponse> GetResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public object? GetService(Type serviceType, object? serviceKey = null) => throw new InvalidOperationException("GetService throws.");

        public void Dispose()
        {
        }
    }
}
