using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Messages;

/// <summary>
/// The results of tools as a model is sent them. Text that went through JSON, in a tool's return value or in a history, comes back
/// as a JSON string, which a client would quote once more at every turn.
/// </summary>
internal static class ToolResult
{
    /// <summary>Text as text; any other value unchanged.</summary>
    public static object? From(object? value) => value is JsonElement { ValueKind: JsonValueKind.String } text ? text.GetString() : value;

    /// <summary>A message with its results in that form: the same one unless something changes, for it may belong to a history.</summary>
    public static ChatMessage In(ChatMessage message)
    {
        var contents = message.Contents;
        for (var i = 0; i < contents.Count; i++)
        {
            if (contents[i] is FunctionResultContent { Result: JsonElement { ValueKind: JsonValueKind.String } }) return Changed(message);
        }

        return message;
    }

    private static ChatMessage Changed(ChatMessage message)
    {
        var copy = message.Clone();
        copy.Contents = [.. message.Contents.Select(static content => content is FunctionResultContent result
            ? new FunctionResultContent(result.CallId, From(result.Result)) { Exception = result.Exception, AdditionalProperties = result.AdditionalProperties }
            : content)];
        return copy;
    }
}
