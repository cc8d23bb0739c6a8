using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Chains.Model;

/// <summary>A model's client in the hands of a plugin. Thread-safe.</summary>
/// <param name="find">Finds the client, on first use.</param>
/// <param name="model">The model's name; null for the client's own.</param>
internal sealed class PluginChatClient(Func<IChatClient> find, string? model) : IChatClient
{
    private readonly Lazy<IChatClient> _client = new(find, LazyThreadSafetyMode.PublicationOnly);

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var call = new ModelCallScope(cancellationToken);
        return await call.AwaitAsync(new ValueTask<ChatResponse>(_client.Value.GetResponseAsync(messages, Adjust(options), call.Token)));
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var call = new ModelCallScope(cancellationToken);
        await using var updates = _client.Value.GetStreamingResponseAsync(messages, Adjust(options), call.Token).GetAsyncEnumerator(call.Token);
        while (await call.AwaitAsync(updates.MoveNextAsync())) yield return updates.Current;
    }

    /// <summary>Gives the model's metadata only: what else is around the client is the host's.</summary>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? _client.Value.GetService(serviceType, serviceKey)
        : serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    /// <summary>Does nothing: the client belongs to its agent.</summary>
    public void Dispose()
    {
    }

    /// <summary>A service that keeps conversations must not keep these: no session continues them.</summary>
    private ChatOptions Adjust(ChatOptions? options)
    {
        var adjusted = options?.Clone() ?? new ChatOptions();
        adjusted.ModelId = model ?? adjusted.ModelId;
        (adjusted.AdditionalProperties ??= []).TryAdd(ServiceStorage.Property, false);
        return adjusted;
    }
}
