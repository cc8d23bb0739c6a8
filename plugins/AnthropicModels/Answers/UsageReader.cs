using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.AnthropicModels.Answers;

/// <summary>Gathers the usage of one answer: its beginning and its end each have a part of it, and the later count is the total.</summary>
internal sealed class UsageReader
{
    /// <summary>The name by which the host knows tokens that were put into a cache.</summary>
    public const string CacheWrites = "cache_write_tokens";

    private long? _input, _output, _read, _written, _thinking;

    public void Add(JsonElement holder)
    {
        if (!holder.TryGetProperty("usage", out var usage) || usage.ValueKind != JsonValueKind.Object) return;
        Take(ref _input, usage, "input_tokens");
        Take(ref _output, usage, "output_tokens");
        Take(ref _read, usage, "cache_read_input_tokens");
        Take(ref _written, usage, "cache_creation_input_tokens");
        if (usage.TryGetProperty("output_tokens_details", out var details) && details.ValueKind == JsonValueKind.Object) Take(ref _thinking, details, "thinking_tokens");
    }

    /// <summary>The input counts all tokens of the request; the service counts those of its cache apart.</summary>
    public UsageDetails? ToUsage()
    {
        if (_input is null && _output is null) return null;
        var input = (_input ?? 0) + (_read ?? 0) + (_written ?? 0);
        return new UsageDetails
        {
            InputTokenCount = input,
            OutputTokenCount = _output,
            TotalTokenCount = input + (_output ?? 0),
            CachedInputTokenCount = _read,
            ReasoningTokenCount = _thinking,
            AdditionalCounts = _written is { } written ? new() { [CacheWrites] = written } : null,
        };
    }

    private static void Take(ref long? count, JsonElement usage, string name)
    {
        if (usage.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)) count = number;
    }
}
