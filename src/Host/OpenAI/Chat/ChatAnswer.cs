using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.OpenAI.Items;
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
    public const string Custom = "custom";

    public static ChatCompletion From(RunRecord run)
    {
        var text = TextOf(run);
        if (IsPlainText(run)) return Create(run, new ChatMessageBody(Assistant, text, null), []);
        var calls = CallerCalls.Find(run);
        var refusal = RefusalOf(run);
        var contents = AssistantContents(run).ToList();
        var message = new ChatMessageBody(Assistant, text.Length == 0 && (calls.Count > 0 || refusal is not null) ? null : text, refusal)
        {
            Annotations = [.. contents.SelectMany(BesideContent.AnnotationsOf)],
            Members = contents.Select(BesideContent.OthersOf).LastOrDefault(static m => m is not null),
            ReasoningContent = ReasoningOf(contents, BesideContent.Long),
            Reasoning = ReasoningOf(contents, BesideContent.Short),
            Thinking = ReasoningOf(contents, BesideContent.Part),
            ReasoningDetails = contents.Select(BesideContent.DetailsOf).LastOrDefault(static d => d is not null),
            ExtraContent = contents.Where(static c => c is not FunctionCallContent).Select(BesideContent.ExtraOf).LastOrDefault(static e => e is not null),
            ToolCalls = calls.Count == 0
                ? null
                : [.. calls.Select(ToCall)],
        };
        return Create(run, message, contents);
    }

    private static ChatCompletion Create(RunRecord run, ChatMessageBody message, List<AIContent> contents)
    {
        var choice = new ChatChoice(0, message, FinishReasonOf(run)) { LogProbabilities = contents.Count == 0 ? null : TokensOf(contents) };
        return new ChatCompletion(run.Id, "chat.completion", CreatedOf(run), run.Agent, contents.Count == 0 ? [choice] : [choice, .. ChoiceFold.From(contents)])
        {
            Usage = UsageOf(run),
        };
    }

    /// <summary>Whether the answer is one message of text alone, as most are, with nothing beside it to look for.</summary>
    private static bool IsPlainText(RunRecord run)
    {
        if (run.Output is not [var only] || only.Role != ChatRole.Assistant) return false;
        for (var i = 0; i < only.Contents.Count; i++)
        {
            if (only.Contents[i] is not TextContent { AdditionalProperties: null }) return false;
        }

        return true;
    }

    private static ChatToolCall ToCall(FunctionCallContent call) => WireContent.IsCustom(call)
        ? new ChatToolCall(call.CallId, Custom) { Custom = new ChatCustom(call.Name, CallArguments.ToCustomInput(call)) }
        : new ChatToolCall(call.CallId, Function) { Function = new ChatFunction(call.Name, CallArguments.ToText(call)), ExtraContent = BesideContent.ExtraOf(call) };

    public static long CreatedOf(RunRecord run) => run.CreatedAt.ToUnixTimeSeconds();

    /// <summary>What separates the texts of two messages of the assistant.</summary>
    public const string Separator = "\n\n";

    public static string TextOf(RunRecord run) => run.Output is [var only] && only.Role == ChatRole.Assistant
        ? only.Text
        : string.Join(Separator, run.Output.Where(static m => m.Role == ChatRole.Assistant).Select(static m => m.Text).Where(static t => t.Length > 0));

    public static string? RefusalOf(RunRecord run)
    {
        var refusals = AssistantContents(run).Where(RefusalContent.IsRefusal).Cast<ErrorContent>().Select(e => e.Message).ToList();
        return refusals.Count == 0 ? null : string.Concat(refusals);
    }

    public static string FinishReasonOf(RunRecord run) =>
        // A call that was cut off is not one to answer.
        run.FinishReason is "length" or "content_filter" ? run.FinishReason : run.Status == RunStatus.RequiresAction ? "tool_calls" : "stop";

    private static JsonElement? TokensOf(List<AIContent> contents) =>
        LogProbabilities.Join([.. contents.Select(WireAnswer.GetLogProbabilities).OfType<JsonElement>()]);

    private static string? ReasoningOf(List<AIContent> contents, string member)
    {
        var texts = contents.OfType<TextReasoningContent>().Where(r => BesideContent.MemberOf(r) == member && r.Text.Length > 0).Select(r => r.Text).ToList();
        return texts.Count == 0 ? null : string.Join(Separator, texts);
    }

    /// <returns>Null when the model reported none.</returns>
    public static ChatUsage? UsageOf(RunRecord run)
    {
        if (run.Usage is not { } usage) return null;
        var (input, output) = (usage.InputTokenCount ?? 0, usage.OutputTokenCount ?? 0);
        return new ChatUsage(input, output, usage.TotalTokenCount ?? input + output)
        {
            PromptTokensDetails = usage.CachedInputTokenCount is null && CacheWrites.Get(usage) is null ? null : new ChatPromptDetails(usage.CachedInputTokenCount ?? 0) { CacheWriteTokens = CacheWrites.Get(usage) },
            CompletionTokensDetails = usage.ReasoningTokenCount is { } reasoning ? new ChatCompletionDetails(reasoning) : null,
        };
    }

    public static IEnumerable<AIContent> AssistantContents(RunRecord run) => run.Output is [var only] && only.Role == ChatRole.Assistant
        ? only.Contents
        : run.Output.Where(m => m.Role == ChatRole.Assistant).SelectMany(m => m.Contents);
}
