using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.ModelClients.OpenAI.Chat;

/// <summary>Reads the tokens of an answer of any interface but responses.</summary>
internal static class ChatUsageReader
{
    public static UsageDetails Read(JsonElement usage)
    {
        var (input, output) = (usage.GetCount("prompt_tokens"), usage.GetCount("completion_tokens"));
        return new UsageDetails
        {
            InputTokenCount = input,
            OutputTokenCount = output,
            TotalTokenCount = usage.GetCount("total_tokens") ?? input + output,
            CachedInputTokenCount = usage.Get("prompt_tokens_details")?.GetCount("cached_tokens") ?? usage.GetCount("prompt_cache_hit_tokens") ?? usage.GetCount("cached_tokens"),
            ReasoningTokenCount = usage.Get("completion_tokens_details")?.GetCount("reasoning_tokens"),
        }.WithCacheWrites(usage.Get("prompt_tokens_details")?.GetCount("cache_write_tokens"));
    }
}
