using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.AnthropicModels.Requests;

/// <summary>Whether and how much the model thinks in one request.</summary>
/// <param name="Budget">How many tokens; null without a budget.</param>
/// <param name="Type">The type of thinking; null when the request does not name one.</param>
/// <param name="Effort">The effort; null when the request does not name one.</param>
internal sealed record ThinkingChoice(int? Budget, string? Type, string? Effort)
{
    public static ThinkingChoice From(AnthropicOptions options, ChatOptions chat, IReadOnlyList<Turn> turns)
    {
        var asked = chat.Reasoning?.Effort;
        if (options.Thinking == AnthropicThinking.Adaptive)
            return asked == ReasoningEffort.None ? new(null, "disabled", null) : new(null, IsForced(chat) ? null : "adaptive", EffortOf(asked));
        var budget = BudgetOf(asked, options.ThinkingTokens);
        return options.Thinking == AnthropicThinking.Off || budget is null || IsForced(chat) || IsRefused(turns) ? new(null, null, null) : new(budget, "enabled", null);
    }

    public void Write(Utf8JsonWriter json)
    {
        if (Type is null) return;
        json.WriteStartObject("thinking");
        json.WriteString("type", Type);
        if (Budget is { } budget) json.WriteNumber("budget_tokens", budget);
        json.WriteEndObject();
    }

    /// <summary>The service refuses thinking with a choice that forces a call.</summary>
    private static bool IsForced(ChatOptions chat) => chat.ToolMode is RequiredChatToolMode && chat.Tools is { Count: > 0 };

    /// <summary>
    /// The service refuses a budget with an answer to continue, and while calls of the turn in progress have no thinking before them: another model
    /// made them, or the caller did not send it back.
    /// </summary>
    private static bool IsRefused(IReadOnlyList<Turn> turns)
    {
        if (turns is [.., { IsAssistant: true }]) return true;
        for (var i = turns.Count - 1; i >= 0; i--)
        {
            if (turns[i].CallsWithoutThinking) return true;
            if (!turns[i].IsAssistant && turns[i].Contents[0] is not FunctionResultContent) return false;
        }

        return false;
    }

    private static int? BudgetOf(ReasoningEffort? effort, int? configured) => effort switch
    {
        null => configured,
        ReasoningEffort.None => null,
        ReasoningEffort.Low => 2048,
        ReasoningEffort.Medium => 8192,
        ReasoningEffort.High => 16_384,
        _ => 32_768,
    };

    private static string? EffortOf(ReasoningEffort? effort) => effort switch
    {
        null or ReasoningEffort.None => null,
        ReasoningEffort.Low => "low",
        ReasoningEffort.Medium => "medium",
        ReasoningEffort.High => "high",
        _ => "xhigh",
    };
}
