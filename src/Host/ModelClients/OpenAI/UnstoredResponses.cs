using Microsoft.Extensions.AI;
using OpenAI.Responses;
using PluginHost.Engine.Chains.Model;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Asks the Responses interface not to keep a conversation when the agent says so: left alone, it keeps everything.</summary>
internal sealed class UnstoredResponses(IChatClient inner) : DelegatingChatClient(inner)
{
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(messages, Unstored(options), cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetStreamingResponseAsync(messages, Unstored(options), cancellationToken);

    private static ChatOptions? Unstored(ChatOptions? options)
    {
        if (options?.AdditionalProperties?.TryGetValue(ServiceStorage.Property, out var store) != true || store is not false) return options;
        options = options.Clone();
        options.RawRepresentationFactory = static _ => new CreateResponseOptions { StoredOutputEnabled = false };
        return options;
    }
}
