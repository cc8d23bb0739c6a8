using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Compaction;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Messages;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Model;

/// <summary>
/// Compacts the conversation of one run when its caller asks for it: gives an item that replaces what was said, and continues with what the model
/// needs for its answer. The calls for that pass the chat middleware, as all calls of the run do.
/// </summary>
/// <param name="inner">The model with what is around it.</param>
/// <param name="parts">What the run's request is made of.</param>
/// <param name="wish">What the caller asks for.</param>
/// <param name="asksServer">Whether the model's server is asked for the item first.</param>
/// <param name="seal">Seals the items.</param>
/// <param name="budget">What the model takes.</param>
/// <param name="run">The run.</param>
/// <param name="cancellation">Ends the counting of tokens.</param>
internal sealed class CompactingClient(
    IChatClient inner, RequestParts parts, CompactionWish wish, bool asksServer, CompactionSeal seal, TokenBudget budget, RunContext run, CancellationToken cancellation)
    : DelegatingChatClient(inner)
{
    /// <summary>Which part of the threshold the user's own messages may have beside the summary.</summary>
    private const int KeptShare = 4;

    private readonly CompactionView _view = new(seal, run.Command.Tenant);
    private readonly RequestWeight _weight = new(budget.Window, cancellation);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var list = _view.Apply(messages as IReadOnlyList<ChatMessage> ?? [.. messages], parts.MayReplace);
        if (wish.IsAlone)
        {
            foreach (var update in await CompactAsync(list, options, cancellationToken)) yield return update;
            yield break;
        }

        var tail = FindTail(list);
        if (options?.ConversationId is not null || !HasAnswers(list, tail) || !IsOver(list, options))
        {
            await foreach (var update in base.GetStreamingResponseAsync(list, options, cancellationToken)) yield return update;
            yield break;
        }

        var summary = new ConversationSummary(InnerClient, budget, run);
        var content = new CompactedContext(await summary.WriteAsync(list, options, cancellationToken), wish.Threshold / KeptShare);
        var item = CreateUpdate(content, summary.Usage);
        await foreach (var update in base.GetStreamingResponseAsync(Shorten(list, tail, content), options, cancellationToken))
        {
            // The item begins the message that the update belongs to.
            if (item is not null && (update.Contents.Count > 0 || update.MessageId is not null))
            {
                (item.MessageId, item.ResponseId, item.ModelId, item.CreatedAt) = (update.MessageId, update.ResponseId, update.ModelId, update.CreatedAt);
                yield return item;
                item = null;
            }

            yield return update;
        }
    }

    private ChatResponseUpdate CreateUpdate(CompactedContext content, UsageDetails usage) =>
        new(ChatRole.Assistant, [CompactionItem.Create(seal.Seal(run.Command.Tenant, content)), new UsageContent(usage)]);

    /// <summary>The server's own item when it has such a call, else one of the host.</summary>
    private async Task<IReadOnlyList<ChatResponseUpdate>> CompactAsync(IReadOnlyList<ChatMessage> list, ChatOptions? options, CancellationToken cancellationToken)
    {
        if (asksServer && await TryAskServerAsync(list, options, cancellationToken) is { } updates) return updates;
        var summary = new ConversationSummary(InnerClient, budget, run);
        var own = CreateUpdate(new(await summary.WriteAsync(list, options, cancellationToken)), summary.Usage);
        own.FinishReason = ChatFinishReason.Stop;
        return [own];
    }

    /// <returns>Null when the server has no such call, or cannot take the conversation.</returns>
    private async Task<IReadOnlyList<ChatResponseUpdate>?> TryAskServerAsync(IReadOnlyList<ChatMessage> list, ChatOptions? options, CancellationToken cancellationToken)
    {
        try
        {
            var updates = new List<ChatResponseUpdate>();
            await foreach (var update in base.GetStreamingResponseAsync(list, options, cancellationToken)) updates.Add(update);
            return updates;
        }
        catch (Exception e) when ((e as ModelException ?? run.ModelError as ModelException) is { } error && (error.Status is 404 or 405 or 501 || error.Failure == ModelFailure.ContextLength))
        {
            run.ModelError = null;
            return null;
        }
    }

    private bool IsOver(IReadOnlyList<ChatMessage> list, ChatOptions? options)
    {
        var threshold = wish.Threshold!.Value;
        if (!_weight.Decide(TokenWeights.Estimate(options) + list.Sum(TokenWeights.Estimate), threshold)) return true;
        return (long)((_weight.Of(options) + _weight.Of(list)) * _weight.Factor) > threshold;
    }

    /// <summary>What the model is to answer: the last messages of the user, or calls with their results.</summary>
    private static int FindTail(IReadOnlyList<ChatMessage> list)
    {
        var tail = list.Count;
        if (list is [.., { } last] && last.Role == ChatRole.Tool)
        {
            while (tail > 0 && list[tail - 1].Role != ChatRole.Assistant) tail--;
            return Math.Max(0, tail - 1);
        }

        while (tail > 0 && list[tail - 1].Role != ChatRole.Assistant && list[tail - 1].Role != ChatRole.Tool) tail--;
        return tail;
    }

    private static bool HasAnswers(IReadOnlyList<ChatMessage> list, int end) => list.Take(end).Any(static m => m.Role == ChatRole.Assistant);

    /// <summary>What later requests see of the conversation, and what is to be answered now.</summary>
    private List<ChatMessage> Shorten(IReadOnlyList<ChatMessage> list, int tail, CompactedContext content)
    {
        var firstUser = CompactionView.FindFirstUser(list, tail, content.Keep, i => parts.MayReplace(list[i]));
        return [.. list.Take(tail).Where((m, i) => !parts.MayReplace(m) || CompactionView.Stays(m, i, firstUser)), CompactionView.CreateSummary(content), .. list.Skip(tail)];
    }
}
