using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PluginHost.Sdk;

/// <summary>Copies of messages and updates, so that whoever changes one in place changes it for nobody else.</summary>
internal static class Copies
{
    public static ChatMessage Of(ChatMessage message)
    {
        var copy = message.Clone();
        copy.Contents = Of(message.Contents);
        copy.AdditionalProperties = message.AdditionalProperties?.Clone();
        return copy;
    }

    public static ChatResponseUpdate Of(ChatResponseUpdate update)
    {
        var copy = update.Clone();
        copy.Contents = Of(update.Contents);
        copy.AdditionalProperties = update.AdditionalProperties?.Clone();
        return copy;
    }

    private static List<AIContent> Of(IList<AIContent> contents)
    {
        var copies = new List<AIContent>(contents.Count);
        for (var i = 0; i < contents.Count; i++) copies.Add(Of(contents[i]));
        return copies;
    }

    private static AIContent Of(AIContent content)
    {
        var copy = (AIContent)MemberwiseClone(content);
        copy.AdditionalProperties = content.AdditionalProperties?.Clone();
        if (copy is FunctionCallContent { Arguments: { } arguments } call) call.Arguments = new Dictionary<string, object?>(arguments);
        return copy;
    }

    // Contents have no Clone of their own, and there are kinds that nobody here knows.
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = nameof(MemberwiseClone))]
    private static extern object MemberwiseClone(object content);
}
