using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>Pairs tool calls with their results, so that a list of messages is acceptable to every model. All of it takes linear time.</summary>
internal static class ToolCallPairing
{
    /// <summary>What the model gets instead of a result that never came.</summary>
    public const string NoResult = "No result: the call was not completed.";

    /// <summary>The ids of the calls that have no result yet.</summary>
    public static IReadOnlyList<string> FindOpen(IReadOnlyList<ChatMessage> messages)
    {
        OpenCalls? open = null;
        for (var i = 0; i < messages.Count; i++)
        {
            var contents = messages[i].Contents;
            for (var j = 0; j < contents.Count; j++)
            {
                if (contents[j] is FunctionCallContent) open ??= new OpenCalls([]);
                open?.Follow(contents[j]);
            }
        }

        return open is null ? [] : open.ToList();
    }

    /// <summary>
    /// A window of a history without results that have no call before them in it, because the call is cut off. The list itself when there
    /// are none.
    /// </summary>
    public static IReadOnlyList<HistoryMessage> WithoutStrayResults(IReadOnlyList<HistoryMessage> messages)
    {
        HashSet<string>? called = null;
        List<HistoryMessage>? kept = null;
        for (var i = 0; i < messages.Count; i++)
        {
            var message = messages[i];
            var rest = WithoutStrayResults(message, ref called);
            if (kept is null && !ReferenceEquals(rest, message)) kept = [.. messages.Take(i)];
            if (rest is not null) kept?.Add(rest);
        }

        return kept ?? messages;
    }

    /// <summary>
    /// Balances a list in place: results move behind their calls, and missing results are added. A list that is balanced already
    /// costs one pass over its contents.
    /// </summary>
    /// <param name="messages">The messages.</param>
    /// <param name="openBefore">Calls without a result in what the model knows already, before the list.</param>
    /// <returns>Whether it was not balanced.</returns>
    public static bool Balance(List<ChatMessage> messages, IReadOnlyList<string> openBefore)
    {
        if (IsBalanced(messages, openBefore)) return false;
        var balanced = new List<ChatMessage>(messages.Count + 1);
        var open = new OpenCalls(openBefore);
        var results = new LaterResults(messages);
        for (var i = 0; i < messages.Count; i++)
        {
            if (open.Count > 0 && messages[i].Role != ChatRole.Tool) balanced.Add(Answer(open, results, i));
            if (WithoutStrayResults(messages[i], open, results) is { } kept) balanced.Add(kept);
        }

        if (open.Count > 0) balanced.Add(Answer(open, results, messages.Count));
        messages.Clear();
        messages.AddRange(balanced);
        return true;
    }

    /// <returns>The message itself when it has no such result; null when nothing is left of it.</returns>
    private static HistoryMessage? WithoutStrayResults(HistoryMessage message, ref HashSet<string>? called)
    {
        var contents = message.Message.Contents;
        List<AIContent>? rest = null;
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is FunctionCallContent call) (called ??= new(StringComparer.Ordinal)).Add(call.CallId);
            var isStray = contents[i] is FunctionResultContent result && called?.Contains(result.CallId) != true;
            if (isStray) rest ??= [.. contents.Take(i)];
            else rest?.Add(contents[i]);
        }

        if (rest is null) return message;
        if (rest.Count == 0) return null;
        var copy = message.Message.Clone();
        copy.Contents = rest;
        return message with { Message = copy };
    }

    private static bool IsBalanced(List<ChatMessage> messages, IReadOnlyList<string> openBefore)
    {
        var open = openBefore.Count > 0 ? new OpenCalls(openBefore) : null;
        foreach (var message in messages)
        {
            var contents = message.Contents;
            if (open is { Count: > 0 } && message.Role != ChatRole.Tool) return false;
            for (var i = 0; i < contents.Count; i++)
            {
                if (contents[i] is FunctionCallContent or FunctionResultContent && !(open ??= new OpenCalls([])).Follow(contents[i])) return false;
            }
        }

        return open is not { Count: > 0 };
    }

    /// <summary>A message that answers all open calls, with results from further down where there are any.</summary>
    private static ChatMessage Answer(OpenCalls open, LaterResults results, int from)
    {
        var answers = open.ToList().ConvertAll(id => results.Take(id, from) ?? new FunctionResultContent(id, NoResult));
        open.Clear();
        return new ChatMessage(ChatRole.Tool, answers);
    }

    /// <summary>A message without results that no open call waits for; null when nothing is left.</summary>
    private static ChatMessage? WithoutStrayResults(ChatMessage message, OpenCalls open, LaterResults results)
    {
        var kept = message.Contents.Where(c => !results.IsTaken(c) && open.Follow(c)).ToList();
        if (kept.Count == message.Contents.Count) return message;
        if (kept.Count == 0) return null;
        var copy = message.Clone();
        copy.Contents = kept;
        return copy;
    }
}
