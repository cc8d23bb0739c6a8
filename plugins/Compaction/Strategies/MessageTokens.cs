using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace PluginHost.Compaction.Strategies;

/// <summary>An estimate of the tokens of messages: four bytes a token, and fixed weights for a message and for what is not text.</summary>
internal static class MessageTokens
{
    private const int BytesPerToken = 4;
    private const int PerMessage = 4;
    private const int PerMedia = 1500;

    public static long Estimate(ChatMessage message) => PerMessage + message.Contents.Sum(Estimate);

    public static long Estimate(string text) => (Encoding.UTF8.GetByteCount(text) + BytesPerToken - 1) / BytesPerToken;

    private static long Estimate(AIContent content) => content switch
    {
        TextContent text => Estimate(text.Text),
        TextReasoningContent text => Estimate(text.Text),
        FunctionCallContent call => Estimate(call.Name) + (call.Arguments?.Sum(a => Estimate(a.Key) + Estimate(MessageText.From(a.Value))) ?? 0),
        FunctionResultContent { Result: IEnumerable<AIContent> parts } => parts.Sum(Estimate),
        FunctionResultContent result => Estimate(MessageText.From(result.Result)),
        DataContent or UriContent or HostedFileContent => PerMedia,
        _ => 0,
    };
}

/// <summary>Values of calls and results as text.</summary>
internal static class MessageText
{
    public static string From(object? value) => value switch
    {
        null => "",
        string text => text,
        JsonElement { ValueKind: JsonValueKind.String } json => json.GetString()!,
        JsonElement json => json.GetRawText(),
        IEnumerable<AIContent> parts => string.Concat(parts.OfType<TextContent>().Select(t => t.Text)),
        _ => value.ToString() ?? "",
    };
}
