namespace PluginHost.Files.History;

/// <summary>Removes tool results from a window that does not include their calls.</summary>
internal static class ToolBalance
{
    /// <summary>Returns the messages, oldest first, without results that have no earlier call among them.</summary>
    public static List<HistoryMessage> RemoveOrphanedResults(IReadOnlyList<HistoryMessage> messages)
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
