namespace PluginHost.Files.History;

/// <summary>Keeps the result of a tool out of a window that does not reach back to its call.</summary>
internal static class ToolBalance
{
    /// <summary>The messages, oldest first, without results whose call is not among those before them.</summary>
    public static List<HistoryMessage> Apply(IReadOnlyList<HistoryMessage> messages)
    {
        HashSet<string> called = new(StringComparer.Ordinal);
        List<HistoryMessage> balanced = new(messages.Count);
        foreach (var message in messages)
        {
            var contents = message.Message.Contents;
            foreach (var content in contents)
            {
                if (content is FunctionCallContent call) called.Add(call.CallId);
            }

            if (!contents.Any(IsOrphan)) balanced.Add(message);
            else if (WithoutOrphans(message) is { } rest) balanced.Add(rest);
        }

        return balanced;

        bool IsOrphan(AIContent content) => content is FunctionResultContent result && !called.Contains(result.CallId);

        HistoryMessage? WithoutOrphans(HistoryMessage message)
        {
            List<AIContent> rest = [.. message.Message.Contents.Where(c => !IsOrphan(c))];
            if (rest.Count == 0) return null;
            var copy = message.Message.Clone();
            copy.Contents = rest;
            return message with { Message = copy };
        }
    }
}
