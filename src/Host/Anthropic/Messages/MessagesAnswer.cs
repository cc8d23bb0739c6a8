using Microsoft.Extensions.AI;
using PluginHost.Anthropic.Wire;
using PluginHost.Engine.Messages;
using PluginHost.OpenAI.Items;
using PluginHost.Sdk;

namespace PluginHost.Anthropic.Messages;

/// <summary>Makes an answer of a run: the assistant's text, and the calls that wait for the caller. Calls of plugins' tools ran in the host and are not shown.</summary>
internal static class MessagesAnswer
{
    public const string MessageType = "message";
    public const string Assistant = "assistant";

    public static MessageAnswer From(RunRecord run, MessagesRequest request) =>
        new(run.Id, MessageType, Assistant, run.Agent, BlocksOf(run, request.ShowsThinking), StopReasonOf(run), UsageOf(run));

    public static string StopReasonOf(RunRecord run) => run switch
    {
        // A call that was cut off is not one to answer.
        { FinishReason: "length" } => "max_tokens",
        { FinishReason: "content_filter" } => "refusal",
        { Status: RunStatus.RequiresAction } => "tool_use",
        _ when AssistantContents(run).Any(RefusalContent.IsRefusal) => "refusal",
        _ => "end_turn",
    };

    public static MessageUsage UsageOf(RunRecord run)
    {
        var (read, written) = (run.Usage?.CachedInputTokenCount ?? 0, CacheWrites.Get(run.Usage) ?? 0);
        return new MessageUsage(Math.Max(0, (run.Usage?.InputTokenCount ?? 0) - read - written), run.Usage?.OutputTokenCount ?? 0, read, written);
    }

    public static IReadOnlyList<AnswerBlock> BlocksOf(RunRecord run, bool showsThinking)
    {
        var calls = CallerCalls.Find(run).ToHashSet();
        var blocks = new List<AnswerBlock>();
        foreach (var message in run.Output.Where(m => m.Role == ChatRole.Assistant))
        {
            var isNew = true;
            var hidden = new HiddenReasoning(showsThinking);
            hidden.LookAhead(message.Contents, calls.Contains);
            foreach (var content in message.Contents)
            {
                hidden.Add(content);
                if (TextOf(content) is { } text)
                {
                    if (!isNew && blocks is [.., TextAnswer last]) blocks[^1] = new TextAnswer(last.Text + text);
                    else blocks.Add(new TextAnswer(text));
                }
                else if (content is TextReasoningContent reasoning && showsThinking)
                {
                    blocks.Add(ThinkingOf(reasoning));
                }
                else if (content is FunctionCallContent call && calls.Contains(call))
                {
                    blocks.AddRange(hidden.Take());
                    blocks.Add(new ToolUseAnswer(call.CallId, call.Name, CallArguments.ToObject(call)));
                }
                else
                {
                    continue;
                }

                isNew = false;
            }
        }

        return blocks;
    }

    /// <summary>The text that a caller reads; a refusal is text too. Null for other content, and for none.</summary>
    public static string? TextOf(AIContent content) => content switch
    {
        TextContent { Text.Length: > 0 } text => text.Text,
        ErrorContent refusal when RefusalContent.IsRefusal(refusal) => refusal.Message,
        _ => null,
    };

    private static AnswerBlock ThinkingOf(TextReasoningContent reasoning) => string.IsNullOrEmpty(reasoning.Text) && reasoning.ProtectedData is { Length: > 0 } data
        ? new RedactedThinkingAnswer(data)
        : new ThinkingAnswer(reasoning.Text, ReasoningEnvelope.Write(reasoning) ?? "");

    private static IEnumerable<AIContent> AssistantContents(RunRecord run) =>
        run.Output.Where(m => m.Role == ChatRole.Assistant).SelectMany(m => m.Contents);
}
