using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.AnthropicModels.Answers;

/// <summary>
/// Marks reasoning with the type of its block. The service refuses a block that comes back as another one, and text and signature alone do not tell: a
/// thinking block may have no text.
/// </summary>
internal static class ThinkingMark
{
    public const string Thinking = "thinking", Redacted = "redacted_thinking";

    private const string Key = "anthropic.block";

    public static TextReasoningContent Create(string type, string? text, string? data = null) => new(text)
    {
        ProtectedData = string.IsNullOrEmpty(data) ? null : data,
        AdditionalProperties = new() { [Key] = type },
    };

    /// <summary>The type of the block that reasoning goes back as; null for reasoning without a signature, which does not go back. What a caller sent has no mark.</summary>
    public static string? Find(TextReasoningContent reasoning)
    {
        if (string.IsNullOrEmpty(reasoning.ProtectedData)) return null;
        var mark = reasoning.AdditionalProperties?.GetValueOrDefault(Key);
        // A history gives JSON back.
        return mark as string ?? (mark as JsonElement?)?.GetString() ?? (string.IsNullOrEmpty(reasoning.Text) ? Redacted : Thinking);
    }
}
