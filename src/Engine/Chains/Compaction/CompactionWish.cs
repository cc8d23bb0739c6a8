using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tokens;
using PluginHost.Engine.Messages;

namespace PluginHost.Engine.Chains.Compaction;

/// <summary>What a request asks for.</summary>
/// <param name="Threshold">Above how many tokens the conversation is compacted before it is answered; null for none.</param>
/// <param name="IsAlone">Whether the item is the whole answer.</param>
internal readonly record struct CompactionWish(long? Threshold, bool IsAlone)
{
    /// <summary>The parameter of the Responses interface.</summary>
    public const string Parameter = "context_management";

    private const double StandardShare = 0.8;

    /// <param name="options">What the caller sent.</param>
    /// <param name="input">The input, whose last message may ask.</param>
    /// <param name="budget">What the model takes: most of it is the threshold of a request that names none.</param>
    /// <returns>Null when nothing is to be compacted.</returns>
    public static CompactionWish? Find(ChatOptions? options, IReadOnlyList<ChatMessage> input, TokenBudget budget)
    {
        if (CompactionItem.IsAsked(options) || (input is [.., { } last] && CompactionItem.IsTrigger(last))) return new(null, IsAlone: true);
        if (SentParameters.Find(options)?.Values.GetValueOrDefault(Parameter) is not { ValueKind: JsonValueKind.Array } entries) return null;
        foreach (var entry in entries.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String || !type.ValueEquals(CompactionItem.Type)) continue;
            var threshold = entry.TryGetProperty("compact_threshold", out var sent) && sent.ValueKind == JsonValueKind.Number && sent.TryGetInt64(out var number) ? number : (long?)(budget.InputFor(options) * StandardShare);
            if (threshold is not null) return new(threshold, IsAlone: false);
        }

        return null;
    }
}
