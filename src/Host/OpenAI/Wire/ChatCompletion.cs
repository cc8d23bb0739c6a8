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
    /// <summary>Always null, and always there: asking for them is refused.</summary>
    [JsonPropertyName("logprobs")]
    public string? LogProbabilities => null;
}

internal sealed record ChatMessageBody(string Role, string? Content, string? Refusal)
{
    /// <summary>Always empty: web search, which makes them, is refused.</summary>
    public IReadOnlyList<string> Annotations => [];

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ChatToolCall>? ToolCalls { get; init; }
}

internal sealed record ChatToolCall(string Id, string Type, ChatFunction Function);

internal sealed record ChatFunction(string Name, string Arguments);

internal sealed record ChatUsage(long PromptTokens, long CompletionTokens, long TotalTokens)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChatPromptDetails? PromptTokensDetails { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChatCompletionDetails? CompletionTokensDetails { get; init; }
}

internal sealed record ChatPromptDetails(long CachedTokens);

internal sealed record ChatCompletionDetails(long ReasoningTokens);
