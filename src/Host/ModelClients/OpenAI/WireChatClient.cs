using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Explain;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>
/// Calls a server in one of OpenAI's two interfaces. It writes requests and reads answers itself, so that what has no type in
/// Microsoft.Extensions.AI passes through unchanged. Thread-safe.
/// </summary>
internal abstract class WireChatClient(string model, OpenAIOptions options, ModelTransport transport) : IChatClient, IRequestWriter
{
    /// <summary>Given for an event without content, such as a piece of a tool call: the server is not silent. It is not part of the answer.</summary>
    public static readonly ChatResponseUpdate Progress = new();

    private readonly ChatClientMetadata _metadata = new("openai", new Uri(options.Endpoint), model);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, JsonElement> Defaults { get; } =
        options.Defaults.Where(d => !options.Omits(d.Key)).ToDictionary(d => d.Key, d => d.Value, StringComparer.Ordinal);

    protected string Model { get; } = model;

    protected OpenAIOptions Options { get; } = options;

    protected ModelTransport Transport { get; } = transport;

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var answer = await SendAsync(messages, options, isStreamed: false, cancellationToken);
        return CreateReader(options).ReadWhole(await answer.ReadJsonAsync(cancellationToken)).ToChatResponse();
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var answer = await SendAsync(messages, options, isStreamed: true, cancellationToken);
        var (reader, limits) = (CreateReader(options), answer.Limits);
        if (!answer.HasEvents)
        {
            foreach (var update in reader.ReadWhole(await answer.ReadJsonAsync(cancellationToken))) yield return WithLimits(update, ref limits);
            yield break;
        }

        await foreach (var data in answer.ReadEventsAsync(cancellationToken))
        {
            var (isSilent, isOver) = (true, false);
            foreach (var update in reader.ReadEvent(data))
            {
                isSilent = false;
                isOver |= update.FinishReason is not null;
                yield return WithLimits(update, ref limits);
            }

            if (isSilent) yield return Progress;
            if (isOver) break;
        }

        foreach (var update in reader.End()) yield return WithLimits(update, ref limits);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;

    /// <summary>Does nothing: the connections are shared.</summary>
    public void Dispose()
    {
    }

    public abstract byte[] Write(IEnumerable<ChatMessage> messages, ChatOptions? options);

    protected abstract Task<ModelAnswer> SendAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options, bool isStreamed, CancellationToken cancellationToken);

    protected abstract IAnswerReader CreateReader(ChatOptions? options);

    /// <summary>The first update that carries nothing else carries what the server says of its limits.</summary>
    private static ChatResponseUpdate WithLimits(ChatResponseUpdate update, ref ModelLimits? limits)
    {
        if (limits is null || update.RawRepresentation is not null) return update;
        (update.RawRepresentation, limits) = (limits, null);
        return update;
    }
}
