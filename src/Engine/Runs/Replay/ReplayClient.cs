using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Explain;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Replay;

/// <summary>
/// Replaces the client of a model and sends nothing: gives the recorded answers in their order, then empty ones, and hashes what the client
/// would send. For one run.
/// </summary>
/// <param name="client">The client.</param>
/// <param name="answers">The recorded calls; none for a run that was not recorded.</param>
/// <param name="handle">The run.</param>
internal sealed class ReplayClient(IChatClient client, IReadOnlyList<ExplainedCall> answers, RunHandle handle) : IChatClient
{
    private int _calls;

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask;
        if (client.GetService<IRequestWriter>() is { } writer) SentBody.Current?.Set(writer.Write(messages, options));
        var number = Interlocked.Increment(ref _calls) - 1;
        if (number >= answers.Count)
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, "") { FinishReason = ChatFinishReason.Stop };
            yield break;
        }

        var call = answers[number];
        foreach (var update in ToUpdates(call)) yield return update;
        if (call.Error is { } error) throw ToException(error, cancellationToken);
        if (call.TookMs is null) throw ToException(new(ErrorTypes.Cancelled, ""), cancellationToken);
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceType == typeof(ChatClientMetadata) ? client.GetService(serviceType, serviceKey) : null;

    /// <summary>Does nothing: the client belongs to its chain.</summary>
    public void Dispose()
    {
    }

    private static ChatResponseUpdate[] ToUpdates(ExplainedCall call) => new ChatResponse([.. RunReplay.AnswerOf(call)])
    {
        FinishReason = call.FinishReason is { } reason ? new ChatFinishReason(reason) : null,
        ModelId = call.AnsweredBy,
        ConversationId = call.ConversationId,
        // The run has learnt from it.
        Usage = call.InputTokens is null && call.OutputTokens is null ? null : new UsageDetails { InputTokenCount = call.InputTokens, OutputTokenCount = call.OutputTokens },
    }.ToChatResponseUpdates();

    private Exception ToException(ExplainedError error, CancellationToken cancellationToken)
    {
        if (error.Type != ErrorTypes.Cancelled) return new ModelException(ModelErrorTypes.FailureOf(error.Type), error.Message);
        handle.Cancel();
        return new OperationCanceledException(cancellationToken);
    }
}
