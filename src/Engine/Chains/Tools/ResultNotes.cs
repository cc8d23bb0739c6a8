using Microsoft.Extensions.AI;
using PluginHost.Engine.Sessions.Store;

namespace PluginHost.Engine.Chains.Tools;

/// <summary>Replaces large results of tools by a note, so that a call keeps its result when there is no room for what it said.</summary>
internal static class ResultNotes
{
    /// <summary>A shorter result saves too little.</summary>
    private const int MinBytes = 512;

    /// <returns>A copy; null when the message has no large result.</returns>
    public static ChatMessage? Shorten(ChatMessage message)
    {
        List<AIContent>? contents = null;
        for (var i = 0; i < message.Contents.Count; i++)
        {
            if (message.Contents[i] is not FunctionResultContent result || MessageSize.Measure(result) is not (>= MinBytes and var size)) continue;
            contents ??= [.. message.Contents];
            contents[i] = new FunctionResultContent(result.CallId, $"[This result of {size} bytes was left out to fit the model.]") { AdditionalProperties = result.AdditionalProperties };
        }

        if (contents is null) return null;
        var copy = message.Clone();
        copy.Contents = contents;
        return copy;
    }
}
