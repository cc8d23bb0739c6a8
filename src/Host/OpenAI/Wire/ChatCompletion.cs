using System.Text.Json;
using System.Text.Json.Serialization;

namespace PluginHost.OpenAI.Wire;

/// <summary>An unstreamed answer of <c>/v1/chat/completions</c>.</summary>
internal sealed record ChatCompletion(string Id, string Object, long Created, string Model, IReadOnlyList<ChatChoice> Choices)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChatUsage? Usage { get; init; }
}

internal sealed record ChatChoice(int Index, ChatMessageBody Message, string FinishReason)
{
    /// <summary>Null unless they were asked for.</summary>
    [JsonPropertyName("logprobs")]
    public JsonElement? LogProbabilities { get; init; }
}

internal sealed record ChatMessageBody(string Role, string? Content, string? Refusal)
{
    /// <summary>What the text refers to. Clients expect the member, even when it is empty.</summary>
    public IReadOnlyList<JsonElement> Annotations { get; init; } = [];

    /// <summary>What else the model's server gave beside the message.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Members { get; set; }

    /// <summary>The reasoning, in the member by which the model's server knows it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ReasoningContent { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Reasoning { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Thinking { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? ReasoningDetails { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? ExtraContent { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ChatToolCall>? ToolCalls { get; init; }
}

internal sealed record ChatToolCall(string Id, string Type)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChatFunction? Function { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChatCustom? Custom { get; init; }

    /// <summary>What the model's server gave with the call and needs back, such as a signature.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? ExtraContent { get; init; }
}

internal sealed record ChatFunction(string Name, string Arguments);

internal sealed record ChatCustom(string Name, string Input);

internal sealed record ChatUsage(long PromptTokens, long CompletionTokens, long TotalTokens)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChatPromptDetails? PromptTokensDetails { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChatCompletionDetails? CompletionTokensDetails { get; init; }
}

internal sealed record ChatPromptDetails(long CachedTokens)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? CacheWriteTokens { get; init; }
}

internal sealed record ChatCompletionDetails(long ReasoningTokens);
