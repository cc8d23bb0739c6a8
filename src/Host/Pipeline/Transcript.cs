using Microsoft.Extensions.AI;

namespace PluginHost.Pipeline;

/// <summary>Makes a list of messages acceptable to every model: no tool call without its result, no result without its call.</summary>
internal static class Transcript
{
    /// <summary>What stands in the place of a result that never came.</summary>
    public const string NoResult = "No result: the call was not completed.";

    /// <summary>Balances a list in place. Costs one pass over the contents when the list is balanced already.</summary>
    public static void Balance(List<ChatMessage> messages)
    {
        if (IsBalanced(messages)) return;
        var balanced = new List<ChatMessage>(messages.Count + 1);
        var open = new List<string>();
        foreach (var message in messages)
        {
            if (open.Count > 0 && message.Role != ChatRole.Tool) Close(balanced, open);
            var kept = WithoutUnknownResults(message, open);
            if (kept is null) continue;
            foreach (var content in kept.Contents)
            {
                if (content is FunctionCallContent call) open.Add(call.CallId);
                else if (content is FunctionResultContent result) open.Remove(result.CallId);
            }

            balanced.Add(kept);
        }

        if (open.Count > 0) Close(balanced, open);
        messages.Clear();
        messages.AddRange(balanced);
    }

    private static bool IsBalanced(List<ChatMessage> messages)
    {
        List<string>? open = null;
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

    private static void Close(List<ChatMessage> balanced, List<string> open)
    {
        balanced.Add(new ChatMessage(ChatRole.Tool, open.ConvertAll(AIContent (id) => new FunctionResultContent(id, NoResult))));
        open.Clear();
    }

    private static ChatMessage? WithoutUnknownResults(ChatMessage message, List<string> open)
    {
        if (!message.Contents.Any(c => c is FunctionResultContent r && !open.Contains(r.CallId))) return message;
        var kept = message.Contents.Where(c => c is not FunctionResultContent r || open.Contains(r.CallId)).ToList();
        if (kept.Count == 0) return null;
        var copy = message.Clone();
        copy.Contents = kept;
        return copy;
    }
}
