using System.Runtime.CompilerServices;
using System.Text.Json;
using Anthropic;
using Anthropic.Exceptions;
using Microsoft.Extensions.AI;
using PluginHost.AnthropicModels.Answers;
using PluginHost.AnthropicModels.Requests;
using PluginHost.Shared;
using MessageCreateParams = Anthropic.Models.Messages.MessageCreateParams;
using RawMessageStreamEvent = Anthropic.Models.Messages.RawMessageStreamEvent;

namespace PluginHost.AnthropicModels;

/// <summary>Calls one model of the service. Always streams, so that silence is noticed. Thread-safe.</summary>
internal sealed class AnthropicChatClient(string model, AnthropicOptions options, AnthropicClient client, ServerFailures failures) : IChatClient
{
    private static readonly Dictionary<string, JsonElement> Nothing = [];

    private readonly ChatClientMetadata _metadata = new("anthropic", options.Address, model);
    private readonly RequestWriter _writer = new(model, options, failures);

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        WholeAnswer.ReadAsync(AskAsync(_writer.Write([.. messages], options ?? new ChatOptions()), cancellationToken), failures, cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null : serviceType == typeof(ChatClientMetadata) ? _metadata : serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose() => client.Dispose();

    private async IAsyncEnumerable<ChatResponseUpdate> AskAsync(IReadOnlyDictionary<string, JsonElement> body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var parameters = MessageCreateParams.FromRawUnchecked(Nothing, Nothing, body);
        using var answer = await client.WithRawResponse.Messages.CreateStreaming(parameters, cancellationToken);
        var reader = new AnswerReader();
        await using var events = answer.Enumerate(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(events))
        {
            if (reader.Read(events.Current.Json) is { } update) yield return update;
        }
    }

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<RawMessageStreamEvent> events)
    {
        try
        {
            return await events.MoveNextAsync();
        }
        catch (AnthropicSseException e)
        {
            throw failures.FromAnswer(ServerError.From(e.Body));
        }
    }
}
