using System.Text.Json;

namespace PluginHost.OpenAI.Wire;

/// <summary>A response: a run.</summary>
internal sealed record Response(string Id, string Object, long CreatedAt, string Status)
{
    public long? CompletedAt { get; init; }

    public ResponseError? Error { get; init; }

    public IncompleteDetails? IncompleteDetails { get; init; }

    public string? Instructions { get; init; }

    public required string Model { get; init; }

    public ItemOutput Output { get; init; } = ItemOutput.Empty;

    public required IReadOnlyList<JsonElement> Tools { get; init; }

    public required JsonElement ToolChoice { get; init; }

    public bool ParallelToolCalls { get; init; }

    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    public double? Temperature { get; init; }

    public double? TopP { get; init; }

    public int? MaxOutputTokens { get; init; }

    public ResponseUsage? Usage { get; init; }

    public string? PreviousResponseId { get; init; }

    public ConversationReference? Conversation { get; init; }

    public bool Store { get; init; }

    public bool Background { get; init; }

    public required JsonElement Text { get; init; }

    public string Truncation { get; init; } = "auto";

    public required JsonElement Reasoning { get; init; }

    public string ServiceTier { get; } = "default";

    public int TopLogprobs { get; init; }

    public int? MaxToolCalls { get; }

    public string? User { get; init; }

    public string? SafetyIdentifier { get; init; }

    public string? PromptCacheKey { get; init; }
}

/// <summary>What a response gives back of its request; kept with the run.</summary>
internal sealed record ResponseDetails
{
    public string? Instructions { get; init; }

    public IReadOnlyList<JsonElement> Tools { get; init; } = [];

    public JsonElement? ToolChoice { get; init; }

    public bool? ParallelToolCalls { get; init; }

    public double? Temperature { get; init; }

    public double? TopP { get; init; }

    public int? MaxOutputTokens { get; init; }

    public string? Truncation { get; init; }

    public int? TopLogprobs { get; init; }

    public string? PreviousResponseId { get; init; }

    public string? Conversation { get; init; }

    public bool Store { get; init; } = true;

    public bool Background { get; init; }

    public JsonElement? Text { get; init; }

    public JsonElement? Reasoning { get; init; }

    public string? User { get; init; }

    public string? SafetyIdentifier { get; init; }

    public string? PromptCacheKey { get; init; }
}

/// <summary>A conversation that was compacted: what callers send from now on instead of it.</summary>
internal sealed record CompactedResponse(string Id, long CreatedAt, IReadOnlyList<Item> Output, ResponseUsage Usage)
{
    public string Object { get; } = "response.compaction";
}

internal sealed record ResponseError(string Code, string Message);

internal sealed record IncompleteDetails(string Reason);

internal sealed record ConversationReference(string Id);

internal sealed record ResponseUsage(
    long InputTokens, InputTokensDetails InputTokensDetails, long OutputTokens, OutputTokensDetails OutputTokensDetails, long TotalTokens);

internal sealed record InputTokensDetails(long CachedTokens, long CacheWriteTokens);

internal sealed record OutputTokensDetails(long ReasoningTokens);

internal sealed record Deleted(string Id, string Object)
{
    [System.Text.Json.Serialization.JsonPropertyName("deleted")]
    public bool IsDeleted { get; } = true;
}

internal sealed record InputTokens(long Count)
{
    public string Object { get; } = "response.input_tokens";

    [System.Text.Json.Serialization.JsonPropertyName("input_tokens")]
    public long Count { get; } = Count;
}

internal sealed record ItemList(IReadOnlyList<Item> Data, bool HasMore)
{
    public string Object { get; } = "list";

    public string? FirstId => Data.Count == 0 ? null : Data[0].Id;

    public string? LastId => Data.Count == 0 ? null : Data[^1].Id;
}

internal sealed record Conversation(string Id, string Object, long CreatedAt, IReadOnlyDictionary<string, string> Metadata);
