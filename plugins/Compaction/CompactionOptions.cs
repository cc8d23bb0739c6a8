using System.ComponentModel.DataAnnotations;
using PluginHost.Compaction.Strategies;

namespace PluginHost.Compaction;

/// <summary>Options of the <c>compaction</c> plugin.</summary>
/// <param name="MaxTokens">
/// Above how many tokens of loaded messages they are compacted, 200 to 10,000,000, by an estimate of four bytes a token. Default: half of what a
/// request to the model may have; 16,000 when that is not known.
/// </param>
/// <param name="Strategies">What is done, in this order, until the messages have no more than <paramref name="MaxTokens"/>. Default: DropToolResults, Summarise, Truncate.</param>
/// <param name="KeepMessages">How many of the newest messages always stay as they are, 1 to 1000. Default: 6.</param>
/// <param name="SummaryTokens">How many tokens a summary may have, 50 to 100,000. Default: 800.</param>
/// <param name="Agent">The agent whose model writes summaries. Default: the one whose chain has the plugin.</param>
/// <param name="Model">The model that writes them, at that agent's server. Default: the agent's own.</param>
/// <param name="Instructions">What the model is asked to write. Default: what the user wants, decisions, facts, names, numbers and open questions.</param>
/// <param name="Parallel">How many summaries are written at a time, 1 to 64. Default: 2.</param>
public sealed record CompactionOptions(
    [Range(200, 10_000_000)] int? MaxTokens = null,
    [MinLength(1)] IReadOnlyList<Strategy>? Strategies = null,
    [Range(1, 1000)] int KeepMessages = 6,
    [Range(50, 100_000)] int SummaryTokens = 800,
    string? Agent = null,
    string? Model = null,
    string? Instructions = null,
    [Range(1, 64)] int Parallel = 2)
{
    internal const int Fallback = 16_000;

    internal IReadOnlyList<Strategy> Order => Strategies ?? [Strategy.DropToolResults, Strategy.Summarise, Strategy.Truncate];

    internal bool Summarises => Order.Contains(Strategy.Summarise);

    internal long LimitFor(long? maxInputTokens) => MaxTokens ?? maxInputTokens / 2 ?? Fallback;
}
