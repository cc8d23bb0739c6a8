using Microsoft.Extensions.AI;
using PluginHost.Engine.Chains.Tools;
using PluginHost.OpenAI.Items;
using PluginHost.OpenAI.Tools;
using PluginHost.OpenAI.Wire;
using PluginHost.Sdk;

namespace PluginHost.OpenAI.Chat;

/// <summary>
/// Makes a chat completion of a run: one message with all text of the assistant and the calls that wait for the caller. Calls of
/// plugins' tools ran in the host and are not shown.
/// </summary>
internal static class ChatAnswer
{
    public const string Assistant = "assistant";
    public const string Function = "function";

    public static ChatCompletion From(RunRecord run)
    {
        var calls = CallsOf(run);
        var text = TextOf(run);
        var refusal = RefusalOf(run);
        var message = new ChatMessageBody(Assistant, text.Length == 0 && (calls.Count > 0 || refusal is not null) ? null : text, refusal)
        {
            ToolCalls = calls.Count == 0 ? null : [.. calls.Select(c => new ChatToolCall(c.CallId, Function, new ChatFunction(c.Name, FunctionArguments.ToText(c))))],
        };
        return new ChatCompletion(run.Id, "chat.completion", CreatedOf(run), run.Agent, [new ChatChoice(0, message, FinishReasonOf(run))])
        {
            Usage = UsageOf(run),
        };
    }

    public static long CreatedOf(RunRecord run) => run.CreatedAt.ToUnixTimeSeconds();

    public static string TextOf(RunRecord run) => string.Concat(AssistantContents(run).OfType<TextContent>().Select(t => t.Text));

    public static string? RefusalOf(RunRecord run)
    {
        var refusals = AssistantContents(run).Where(RefusalContent.IsRefusal).Cast<ErrorContent>().Select(e => e.Message).ToList();
        return refusals.Count == 0 ? null : string.Concat(refusals);
    }

    /// <summary>The calls that wait for the caller.</summary>
    public static IReadOnlyList<FunctionCallContent> CallsOf(RunRecord run)
    {
        if (run.Status != RunStatus.RequiresAction) return [];
        var open = ToolCallPairing.FindOpen(run.Output);
        return [.. AssistantContents(run).OfType<FunctionCallContent>().Where(c => open.Contains(c.CallId))];
    }

    public static string FinishReasonOf(RunRecord run) =>
        run.Status == RunStatus.RequiresAction ? "tool_calls" : run.FinishReason is "length" or "content_filter" ? run.FinishReason : "stop";

    /// <returns>Null when the model reported none.</returns>
    public static ChatUsage? UsageOf(RunRecord run)
    {
        if (run.Usage is not { } usage) return null;
        var (input, output) = (usage.InputTokenCount ?? 0, usage.OutputTokenCount ?? 0);
        return new ChatUsage(input, output, usage.TotalTokenCount ?? input + output)
        {
            PromptTokensDetails = usage.CachedInputTokenCount is { } cached ? new ChatPromptDetails(cached) : null,
            CompletionTokensDetails = usage.ReasoningTokenCount is { } reasoning ? new ChatCompletionDetails(reasoning) : null,
        };
    }

    private static IEnumerable<AIContent> AssistantContents(RunRecord run) => run.Output is [var only] && only.Role == ChatRole.Assistant
        ? only.Contents
        : run.Output.Where(m => m.Role == ChatRole.Assistant).SelectMany(m => m.Contents);
}
