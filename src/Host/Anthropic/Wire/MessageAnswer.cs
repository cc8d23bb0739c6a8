using System.Text.Json;
using System.Text.Json.Serialization;

namespace PluginHost.Anthropic.Wire;

/// <summary>The answer of <c>POST /v1/messages</c>.</summary>
internal sealed record MessageAnswer(string Id, string Type, string Role, string Model, IReadOnlyList<AnswerBlock> Content, string? StopReason, MessageUsage Usage)
{
    /// <summary>Always null: models of other services do not say which sequence ended an answer.</summary>
    public string? StopSequence { get; }
}

/// <summary>The tokens of an answer. <paramref name="InputTokens"/> leaves out what was read from the service's cache, or written into it.</summary>
internal sealed record MessageUsage(long InputTokens, long OutputTokens, long CacheReadInputTokens, long CacheCreationInputTokens = 0);

[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(TextAnswer), "text")]
[JsonDerivedType(typeof(ThinkingAnswer), "thinking")]
[JsonDerivedType(typeof(RedactedThinkingAnswer), "redacted_thinking")]
[JsonDerivedType(typeof(ToolUseAnswer), "tool_use")]
internal abstract record AnswerBlock;

/// <summary>Without <c>citations</c>, as Anthropic's own answers: clients that check answers refuse null there.</summary>
internal sealed record TextAnswer(string Text) : AnswerBlock;

internal sealed record ThinkingAnswer(string Thinking, string Signature) : AnswerBlock;

internal sealed record RedactedThinkingAnswer(string Data) : AnswerBlock;

internal sealed record ToolUseAnswer(string Id, string Name, JsonElement Input) : AnswerBlock;

/// <summary>The answer of <c>POST /v1/messages/count_tokens</c>.</summary>
internal sealed record TokenCount(long InputTokens);

internal sealed record ErrorMessage(string Type, ErrorDetail Error)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RequestId { get; init; }
}

internal sealed record ErrorDetail(string Type, string Message);
