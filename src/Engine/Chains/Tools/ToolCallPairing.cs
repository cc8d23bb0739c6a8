using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>Pairs tool calls with their results, so that a list of messages is acceptable to every model.</summary>
internal static class ToolCallPairing
{
    /// <summary>What the model gets instead of a result that never came.</summary>
    public const string NoResult = "No result: the call was not completed.";

    /// <summary>The ids of the calls that have no result yet.</summary>
    public static IReadOnlyList<string> FindOpen(IReadOnlyList<ChatMessage> messages)
    {
        List<string>? open = null;
        foreach (var message in messages)
        {
            foreach (var content in message.Contents)
            {
                if (content is FunctionCallContent call) (open ??= []).Add(call.CallId);
                else if (content is FunctionResultContent result) open?.Remove(result.CallId);
            }
        }

        return open ?? [];
    }

    /// <summary>
    /// Balances a list in place: results move behind their calls, and missing results are added. A list that is balanced already
    /// costs one pass over its contents.
    /// </summary>
    /// <param name="messages">The messages.</param>
    /// <param name="openBefore">Calls without a result in what the model knows already, before the list.</param>
    public static void Balance(List<ChatMessage> messages, IReadOnlyList<string> openBefore)
    {
        if (IsBalanced(messages, openBefore)) return;
        var balanced = new List<ChatMessage>(messages.Count + 1);
        var open = new List<string>(openBefore);
        var moved = new HashSet<AIContent>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < messages.Count; i++)
        {
            if (open.Count > 0 && messages[i].Role != ChatRole.Tool) balanced.Add(Answer(open, messages, i, moved));
            if (WithoutStrayResults(messages[i], open, moved) is not { } kept) continue;
            foreach (var content in kept.Contents) Follow(content, open);
            balanced.Add(kept);
        }

        if (open.Count > 0) balanced.Add(Answer(open, messages, messages.Count, moved));
        messages.Clear();
        messages.AddRange(balanced);
    }

    private static bool IsBalanced(List<ChatMessage> messages, IReadOnlyList<string> openBefore)
    {
        List<string>? open = openBefore.Count > 0 ? [.. openBefore] : null;
        foreach (var message in messages)
        {
            var contents = message.Contents;
            if (open is { Count: > 0 } && message.Role != ChatRole.Tool) return false;
            for (var i = 0; i < contents.Count; i++)
            {
                if (contents[i] is FunctionCallContent call) (open ??= []).Add(call.CallId);
                else if (contents[i] is FunctionResultContent result && open?.Remove(result.CallId) != true) return false;
            }
        }

        return open is not { Count: > 0 };
    }

    /// <summary>A message that answers all open calls, with results from further down where there are any.</summary>
    private static ChatMessage Answer(List<string> open, List<ChatMessage> messages, int from, HashSet<AIContent> moved)
    {
        var answers = open.ConvertAll(id => FindResult(id, messages, from, moved) ?? new FunctionResultContent(id, NoResult));
        moved.UnionWith(answers);
        open.Clear();
        return new ChatMessage(ChatRole.Tool, answers);
    }

    private static AIContent? FindResult(string id, List<ChatMessage> messages, int from, HashSet<AIContent> moved)
    {
        for (var i = from; i < messages.Count; i++)
        {
            foreach (var content in messages[i].Contents)
            {
                // From here on the id is that of another call.
                if (content is FunctionCallContent call && call.CallId == id) return null;
                if (content is FunctionResultContent result && result.CallId == id && !moved.Contains(content)) return content;
            }
        }

        return null;
    }

    private static void Follow(AIContent content, List<string> open)
    {
        if (content is FunctionCallContent call) open.Add(call.CallId);
        else if (content is FunctionResultContent result) open.Remove(result.CallId);
    }

    private static ChatMessage? WithoutStrayResults(ChatMessage message, List<string> open, HashSet<AIContent> moved)
    {
        var known = new List<string>(open);
        var kept = message.Contents.Where(IsWanted).ToList();
        if (kept.Count == message.Contents.Count) return message;
        if (kept.Count == 0) return null;
        var copy = message.Clone();
        copy.Contents = kept;
        return copy;

        bool IsWanted(AIContent content)
        {
            if (content is FunctionCallContent call) known.Add(call.CallId);
            return content is not FunctionResultContent result || (!moved.Contains(content) && known.Remove(result.CallId));
        }
    }
}
