using Microsoft.Extensions.AI;

namespace PluginHost.Budget.Calls;

/// <summary>The tokens of a model call.</summary>
internal readonly record struct CallUsage(long Input, long CachedInput, long Output)
{
    public long Tokens => Input + Output;

    public static CallUsage From(UsageDetails details) =>
        new(details.InputTokenCount ?? 0, details.CachedInputTokenCount ?? 0, details.OutputTokenCount ?? Math.Max(0, (details.TotalTokenCount ?? 0) - (details.InputTokenCount ?? 0)));
}
