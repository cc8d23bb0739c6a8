using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Messages;

/// <summary>The tokens of a request that the model's service has put into its cache, which have no typed member.</summary>
internal static class CacheWrites
{
    private const string Name = "cache_write_tokens";

    /// <returns>Null when the service does not say.</returns>
    public static long? Get(UsageDetails? usage) => usage?.AdditionalCounts?.TryGetValue(Name, out var count) == true ? count : null;

    public static UsageDetails WithCacheWrites(this UsageDetails usage, long? count)
    {
        if (count is { } tokens) (usage.AdditionalCounts ??= [])[Name] = tokens;
        return usage;
    }
}
