using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Explain;

namespace PluginHost.Engine.Chains.Tokens;

/// <summary>How many tokens the requests of one agent may have. Thread-safe.</summary>
internal sealed class TokenBudget(ModelConfiguration model, ModelWindow window)
{
    private const int AnswerShare = 8;
    private const int MaxAnswer = 8192;
    private static readonly string[] AnswerLimits = ["max_completion_tokens", "max_tokens", "max_output_tokens"];

    private readonly int? _answer = FindAnswerLimit(model.Options.Json["Parameters"] as JsonObject) ?? model.AnswerTokens;

    public ModelWindow Window { get; } = window;

    /// <inheritdoc cref="ModelWindow.Copy"/>
    public TokenBudget Copy(KnownWindow? known = null) => new(model, Window.Copy(known));

    /// <summary>What a request may weigh besides its answer; null when it is not known what the model takes.</summary>
    /// <param name="options">The request's options, which may limit the answer.</param>
    public long? InputFor(ChatOptions? options)
    {
        if (Window.Find(model.ContextTokens) is not { } limit) return null;
        var answer = options?.MaxOutputTokens ?? _answer ?? Math.Min(limit / AnswerShare, MaxAnswer);
        // An answer that takes more than the model has is refused whatever the history is.
        return limit - Math.Min(answer, limit * 3 / 4);
    }

    /// <summary>The model's server refused a request that was longer than this.</summary>
    /// <returns>Whether that is news.</returns>
    public bool LearnLimit(long tokens) => Window.LearnLimit(tokens, model.ContextTokens);

    private static int? FindAnswerLimit(JsonObject? parameters)
    {
        if (parameters is null) return null;
        foreach (var (name, value) in parameters)
        {
            if (AnswerLimits.Contains(name) && int.TryParse(value?.ToString(), out var limit)) return limit;
        }

        return null;
    }
}
