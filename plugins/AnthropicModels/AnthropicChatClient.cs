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

/// <summary>Calls one model of the service. Thread-safe.</summary>
internal sealed class AnthropicChatClient(string model, AnthropicOptions options, AnthropicClient client, ServerFailures failures)
    : StreamedChatClient(new ChatClientMetadata("anthropic", options.Address, model), failures)
{
    private static readonly Dictionary<string, JsonElement> Nothing = [];

    private readonly RequestWriter _writer = new(model, options, failures);

    public override void Dispose() => client.Dispose();

    protected override IAsyncEnumerable<ChatResponseUpdate> Ask(IReadOnlyList<ChatMessage> messages, ChatOptions options, CancellationToken cancellationToken) =>
        AskAsync(_writer.Write(messages, options), cancellationToken);

    private async IAsyncEnumerable<ChatResponseUpdate> AskAsync(IReadOnlyDictionary<string, JsonElement> body, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var parameters = MessageCreateParams.FromRawUnchecked(Nothing, Nothing, body);
        using var answer = await client.WithRawResponse.Messages.CreateStreaming(parameters, cancellationToken);
        var reader = new AnswerReader();
        await using var events = answer.Enumerate(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await MoveNextAsync(events))
        {
            if (reader.Read(events.Current.Json) is { } update) yield return update;
            // A proxy may keep the connection open.
            if (reader.HasEnded) yield break;
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
            throw Failures.FromAnswer(ServerError.From(e.Body));
        }
    }
}
