using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>Clones messages and updates, so that a change in place affects only the code that makes it.</summary>
internal static class MessageCloner
{
    public static ChatMessage Clone(ChatMessage message)
    {
        var copy = message.Clone();
        copy.Contents = Clone(message.Contents);
        copy.AdditionalProperties = message.AdditionalProperties?.Clone();
        return copy;
    }

    public static ChatResponseUpdate Clone(ChatResponseUpdate update)
    {
        var copy = update.Clone();
        copy.Contents = Clone(update.Contents);
        copy.AdditionalProperties = update.AdditionalProperties?.Clone();
        return copy;
    }

    private static List<AIContent> Clone(IList<AIContent> contents)
    {
        var copies = new List<AIContent>(contents.Count);
        for (var i = 0; i < contents.Count; i++) copies.Add(Clone(contents[i]));
        return copies;
    }

    private static AIContent Clone(AIContent content)
    {
        var copy = (AIContent)MemberwiseClone(content);
        copy.AdditionalProperties = content.AdditionalProperties?.Clone();
        if (copy is FunctionCallContent { Arguments: { } arguments } call) call.Arguments = new Dictionary<string, object?>(arguments);
        return copy;
    }

    // AIContent has no Clone method, and subclasses may come from any assembly.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = nameof(MemberwiseClone))]
    private static extern object MemberwiseClone(object content);
}
