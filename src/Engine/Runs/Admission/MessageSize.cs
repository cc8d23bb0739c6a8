using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Engine.Runs.Admission;

/// <summary>How many bytes the content of a message has, without what JSON adds to it.</summary>
internal static class MessageSize
{
    public static long Of(ChatMessage message)
    {
        long size = 0;
        for (var i = 0; i < message.Contents.Count; i++) size += Of(message.Contents[i]);
        return size;
    }

    private static long Of(AIContent content) => content switch
    {
        TextContent text => Of(text.Text),
        TextReasoningContent reasoning => Of(reasoning.Text) + Of(reasoning.ProtectedData),
        DataContent data => data.Data.Length,
        UriContent uri => uri.Uri.OriginalString.Length,
        FunctionCallContent call => Of(call.Name) + (call.Arguments?.Sum(a => Of(a.Key) + Of(a.Value)) ?? 0),
        FunctionResultContent result => Of(result.Result),
        ErrorContent error => Of(error.Message),
        _ => 0,
    };

    private static long Of(object? value) => value switch
    {
        null => 0,
        string text => Encoding.UTF8.GetByteCount(text),
        JsonElement json => JsonMarshal.GetRawUtf8Value(json).Length,
        _ => Of(value.ToString()),
    };
}
