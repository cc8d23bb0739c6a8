using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Compaction;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Model;

/// <summary>Lets the agent's model write the summary of a conversation, in as many requests as it takes. For one run.</summary>
internal sealed class ConversationSummary(IChatClient model, TokenBudget budget, RunContext run)
{
    private const double Share = 0.8;

    /// <summary>What one request has of the conversation when it is not known what the model takes.</summary>
    private const long Unknown = 32_000;

    /// <summary>A model that takes less cannot summarise.</summary>
    private const long Least = 200;

    /// <summary>What the requests took.</summary>
    public UsageDetails Usage { get; } = new();

    /// <summary>Also what a refusal has taught.</summary>
    private long? Known => budget.InputFor(null) is { } input ? (long)(input * Share / budget.Window.FactorOf(isCounted: false)) : null;

    /// <exception cref="ModelException">The model failed, or wrote nothing.</exception>
    public async Task<string> WriteAsync(IReadOnlyList<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        string? summary = null;
        var limit = Known ?? Unknown;
        for (var next = 0; next < messages.Count;)
        {
            var prompt = SummaryPrompt.Create(summary, options?.Instructions, messages, next, limit, out var end);
            if (await TryAskAsync(prompt, options, limit / 2 >= Least, cancellationToken) is { } text) (summary, next) = (text, end);
            else limit = Math.Min(limit / 2, Known ?? limit);
        }

        return summary ?? "";
    }

    /// <returns>Null when the request was too long, and may be shorter.</returns>
    private async Task<string?> TryAskAsync(ChatMessage[] prompt, ChatOptions? options, bool mayBeShorter, CancellationToken cancellationToken)
    {
        var own = new ChatOptions { ModelId = options?.ModelId, AdditionalProperties = new() { [ServiceStorage.Property] = false } };
        try
        {
            var answer = await model.GetStreamingResponseAsync(prompt, own, cancellationToken).ToChatResponseAsync(cancellationToken);
            if (answer.Usage is { } usage) Usage.Add(usage);
            return answer.Text.Trim() is { Length: > 0 } text ? text : throw new ModelException(ModelFailure.Failed, "The model wrote no summary of the conversation.");
        }
        catch (Exception e) when (mayBeShorter && (e as ModelException ?? run.ModelError as ModelException) is { Failure: ModelFailure.ContextLength })
        {
            run.ModelError = null;
            return null;
        }
    }
}
