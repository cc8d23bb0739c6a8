using Microsoft.Extensions.AI;

namespace PluginHost.Redaction;

/// <summary>Masks the requests to the model. The run middleware masks the answers.</summary>
internal sealed class MaskedChatClient(IChatClient inner, MaskSet set, MessageMask mask) : DelegatingChatClient(inner)
{
    public override Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetResponseAsync(mask.Mask(messages), Mask(options), cancellationToken);

    public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        base.GetStreamingResponseAsync(mask.Mask(messages), Mask(options), cancellationToken);

    private ChatOptions? Mask(ChatOptions? options)
    {
        if (options?.Instructions is not { } instructions || ReferenceEquals(set.Mask(instructions), instructions)) return options;
        var copy = options.Clone();
        copy.Instructions = set.Mask(instructions);
        return copy;
    }
}
