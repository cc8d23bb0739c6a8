using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Messages;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>How many bytes the content of a message has, without what JSON adds to it.</summary>
internal static class MessageSize
{
    /// <summary>What is wrong with a message that is too large; null when it is not.</summary>
    public static ProblemError? Check(ChatMessage message, string path, SessionsConfiguration settings)
    {
        var size = Measure(message);
        return size <= settings.MaxMessageBytes
            ? null
            : new ProblemError(path, $"has {size} bytes", $"at most {settings.MaxMessageBytes} (Sessions:MaxMessageBytes)");
    }

    public static long Measure(ChatMessage message)
    {
        long size = 0;
        for (var i = 0; i < message.Contents.Count; i++) size += Measure(message.Contents[i]);
        return size;
    }

    public static long Measure(AIContent content) => content switch
    {
        TextContent text => Measure(text.Text),
        TextReasoningContent reasoning => Measure(reasoning.Text) + Measure(reasoning.ProtectedData),
        DataContent data => data.Data.Length,
        UriContent uri => uri.Uri.OriginalString.Length,
        FunctionCallContent call => Measure(call.Name) + (call.Arguments?.Sum(a => Measure(a.Key) + Measure(a.Value)) ?? 0),
        FunctionResultContent result => Measure(result.Result),
        ErrorContent error => Measure(error.Message),
        _ => (WireItem.Find(content) ?? WireContent.GetPart(content)) is { } sent ? Measure(sent) : 0,
    };

    private static long Measure(object? value) => value switch
    {
        null => 0,
        string text => Encoding.UTF8.GetByteCount(text),
        JsonElement json => JsonMarshal.GetRawUtf8Value(json).Length,
        _ => Measure(value.ToString()),
    };
}
