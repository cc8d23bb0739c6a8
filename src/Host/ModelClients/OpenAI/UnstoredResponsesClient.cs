using Microsoft.Extensions.AI;
using OpenAI.Responses;
using PluginHost.Engine.Chains.Model;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Asks the Responses API not to keep a conversation when the agent is configured so. By default the service keeps all of them.</summary>
internal sealed class UnstoredResponsesClient(IChatClient inner) : DelegatingChatClient(inner)
{
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(messages, DisableStorage(options), cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetStreamingResponseAsync(messages, DisableStorage(options), cancellationToken);

    private static ChatOptions? DisableStorage(ChatOptions? options)
    {
        if (options?.AdditionalProperties?.TryGetValue(ServiceStorage.Property, out var store) != true || store is not false) return options;
        options = options.Clone();
        options.RawRepresentationFactory = static _ => new CreateResponseOptions { StoredOutputEnabled = false };
        return options;
    }
}
