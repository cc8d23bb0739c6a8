using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Model;

/// <summary>
/// Keeps each request of one run within what the model takes, and learns what that is. A request that the model's server refuses as too long
/// is cut harder and sent again: once with what is kept by configuration, and once without.
/// </summary>
internal sealed class FittedClient(IChatClient inner, RequestParts parts, TokenBudget budget, RunContext run, ILogger logger, CancellationToken cancellation)
    : DelegatingChatClient(inner)
{
    private const double HarderShare = 0.6;

    /// <summary>By what explanations name what was left out here.</summary>
    private const string Source = "host";

    private readonly RequestWeight _weight = new(budget.Window, cancellation);

    public override async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var list = messages as IReadOnlyList<ChatMessage> ?? [.. messages];
        var fit = new RequestFit(parts, _weight);
        var mayCut = MayCut(list, options);
        var sent = fit.Fit(list, options, mayCut ? budget.InputFor(options) : null);
        // Also when nothing is left out: the server may refuse the request, and then something is.
        run.Recorder?.Wrap(Source, list, options);
        for (var again = 0; ; again++)
        {
            Record(sent, options);
            FittedRequest? next = null;
            long? reported = null;
            await using var updates = base.GetStreamingResponseAsync(sent.Messages, options, cancellationToken).GetAsyncEnumerator(cancellationToken);
            for (var any = false; ; any = true)
            {
                try
                {
                    if (!await updates.MoveNextAsync()) break;
                }
                catch (Exception e) when (!any && RefusalOf(e) is { } refusal)
                {
                    Learn(refusal, fit, sent, list, options);
                    if (mayCut && again < 2) next = CutHarder(refusal, fit, sent, list, options, keeps: again == 0);
                    if (next is null) throw;
                    break;
                }

                reported = ReportedBy(updates.Current) ?? reported;
                yield return updates.Current;
            }

            if (reported is { } tokens) budget.Window.Learn(sent.Weight, _weight.IsCounted, tokens);
            if (next is null) yield break;
            run.ModelError = null;
            sent = next;
        }
    }

    /// <summary>A service that keeps the session has its part of the messages already.</summary>
    private bool MayCut(IReadOnlyList<ChatMessage> messages, ChatOptions? options) =>
        options?.ConversationId is null && parts.Begin(messages) && CutRule.Allows(run.Command, options);

    private LengthRefusal? RefusalOf(Exception e)
    {
        if ((e as ModelException ?? run.ModelError as ModelException) is not { Failure: ModelFailure.ContextLength } error) return null;
        return LengthRefusal.Find(error.Message) ?? new LengthRefusal(null, null);
    }

    private void Learn(LengthRefusal refusal, RequestFit fit, FittedRequest sent, IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        // A service that keeps the session counts messages that the request does not have.
        var weight = options?.ConversationId is not null ? 0 : sent.Weight > 0 ? sent.Weight : fit.WeightOf(messages, options);
        var (known, answer, counted) = (budget.InputFor(options), options?.MaxOutputTokens ?? 0, (long)(weight * _weight.Factor));
        // Without a number, it takes less than request and answer together. A caller who asks for a long answer must not lower it for others.
        var limit = refusal.Limit ?? (known is null && answer <= counted ? (long)((counted + answer) * 0.75) : 0);
        if (budget.LearnLimit(limit)) Log.LimitLearned(logger, run.Chain.Agent.Name, budget.Window.Model ?? "unknown", limit);
        var tokens = refusal.Sent ?? (refusal.Limit is null && counted >= known / 2 ? known : null);
        if (tokens is { } reported) budget.Window.Learn(weight, _weight.IsCounted, reported);
    }

    /// <returns>Null when nothing more can be left out.</returns>
    private FittedRequest? CutHarder(LengthRefusal refusal, RequestFit fit, FittedRequest sent, IReadOnlyList<ChatMessage> messages, ChatOptions? options, bool keeps)
    {
        var weight = sent.Weight > 0 ? sent.Weight : fit.WeightOf(messages, options);
        var counted = weight * _weight.Factor;
        // The server's own count of this request says exactly how much has to go.
        var known = budget.InputFor(options);
        var tokens = known is { } most && refusal is { Sent: { } its, Limit: not null }
            ? (long)(most * counted / its)
            : (long)Math.Min(counted * HarderShare, known ?? double.MaxValue);
        var next = fit.Fit(messages, options, tokens, keeps);
        if (next.Weight < weight && !next.Messages.SequenceEqual(sent.Messages)) return next;
        return keeps ? CutHarder(refusal, fit, sent, messages, options, keeps: false) : null;
    }

    private void Record(FittedRequest sent, ChatOptions? options)
    {
        var (use, factor) = (run.ContextUse, _weight.Factor);
        use.HasRequest = true;
        use.LoadedMessages = sent.LoadedMessages;
        use.LoadedTokens = (long)(sent.LoadedWeight * factor);
        use.InputTokens = (long)(sent.Weight * factor);
        use.MaxInputTokens = budget.InputFor(options);
        use.IsCounted = _weight.IsCounted;
        use.AtCall = sent.LeftOut;
    }

    private static long? ReportedBy(ChatResponseUpdate update)
    {
        for (var i = 0; i < update.Contents.Count; i++)
        {
            if (update.Contents[i] is UsageContent { Details.InputTokenCount: { } tokens }) return tokens;
        }

        return null;
    }
}
