using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;

namespace PluginHost.Engine.Chains.Compaction;

/// <summary>What a request asks for.</summary>
/// <param name="Threshold">Above how many tokens the conversation is compacted before it is answered; null for none.</param>
/// <param name="IsAlone">Whether the item is the whole answer.</param>
internal readonly record struct CompactionWish(long? Threshold, bool IsAlone)
{
    /// <summary>The parameter of the Responses interface.</summary>
    public const string Parameter = "context_management";

    /// <param name="options">What the caller sent.</param>
    /// <param name="input">The input, whose last message may ask.</param>
    /// <param name="standard">The threshold of a request that names none; null when it is not known what the model takes.</param>
    /// <returns>Null when nothing is to be compacted.</returns>
    public static CompactionWish? Find(ChatOptions? options, IReadOnlyList<ChatMessage> input, long? standard)
    {
        if (CompactionItem.IsAsked(options) || (input is [.., { } last] && CompactionItem.IsTrigger(last))) return new(null, IsAlone: true);
        if (SentParameters.Find(options)?.Values.GetValueOrDefault(Parameter) is not { ValueKind: JsonValueKind.Array } entries) return null;
        foreach (var entry in entries.EnumerateArray())
        {
            if (entry.ValueKind != JsonValueKind.Object || !entry.TryGetProperty("type", out var type) || !type.ValueEquals(CompactionItem.Type)) continue;
            var threshold = entry.TryGetProperty("compact_threshold", out var sent) && sent.ValueKind == JsonValueKind.Number ? sent.GetInt64() : standard;
            if (threshold is not null) return new(threshold, IsAlone: false);
        }

        return null;
    }
}
