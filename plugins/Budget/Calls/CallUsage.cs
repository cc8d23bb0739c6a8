using Microsoft.Extensions.AI;

namespace PluginHost.Budget.Calls;

/// <summary>The tokens of a model call.</summary>
internal readonly record struct CallUsage(long Input, long CachedInput, long Output, long CacheWrites = 0)
{
    /// <summary>The name by which the host's chat clients report tokens that were put into a cache.</summary>
    private const string CacheWritesName = "cache_write_tokens";

    public long Tokens => Input + Output;

    // Far above any model, and low enough that sums and costs fit.
    private const long MaxTokens = 1_000_000_000;

    public static CallUsage From(UsageDetails details)
    {
        var input = Clamp(details.InputTokenCount);
        return new(
            input,
            Clamp(details.CachedInputTokenCount),
            Clamp(details.OutputTokenCount ?? (Clamp(details.TotalTokenCount) - input)),
            Clamp(details.AdditionalCounts?.GetValueOrDefault(CacheWritesName)));
    }

    private static long Clamp(long? tokens) => Math.Clamp(tokens ?? 0, 0, MaxTokens);
}
