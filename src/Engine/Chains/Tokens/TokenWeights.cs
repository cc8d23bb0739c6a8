using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Messages;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Sdk;

namespace PluginHost.Engine.Chains.Tokens;

/// <summary>
/// An estimate of tokens that reads no text: four bytes a token, and fixed weights for what is not text. What a model reports of its
/// requests corrects it.
/// </summary>
internal static class TokenWeights
{
    public const int BytesPerToken = 4;

    /// <summary>The role of a message, and what separates it from others.</summary>
    public const int PerMessage = 4;

    /// <summary>What surrounds the declaration of a tool.</summary>
    public const int PerTool = 8;

    /// <summary>An image, a file or a recording, whatever its size.</summary>
    public const int PerMedia = 1500;

    public static long Estimate(ChatMessage message)
    {
        var contents = message.Contents;
        // Nearly all messages are one text, and a run weighs all that it loads.
        if (contents is List<AIContent> { Count: 1 } one && one[0] is TextContent { AdditionalProperties: null } text)
            return PerMessage + ToTokens(Encoding.UTF8.GetByteCount(text.Text));
        long weight = PerMessage;
        for (var i = 0; i < contents.Count; i++) weight += Estimate(contents[i]);
        return weight;
    }

    /// <summary>The weight of a message as the model gets it. The message remembers it: a history that is kept in memory loads the same ones for each run.</summary>
    public static long Estimate(HistoryMessage message)
    {
        if (message.Weight.Tokens is > 0 and var known) return known;
        var weight = Estimate(ToolResult.In(message.Message));
        message.Weight = new((int)Math.Min(weight, int.MaxValue));
        return weight;
    }

    public static long Estimate(IReadOnlyList<ChatMessage> messages)
    {
        long weight = 0;
        for (var i = 0; i < messages.Count; i++) weight += Estimate(messages[i]);
        return weight;
    }

    public static long Estimate(string? text) => text is null ? 0 : ToTokens(Encoding.UTF8.GetByteCount(text));

    /// <summary>Instructions and tools.</summary>
    public static long Estimate(ChatOptions? options) => options is null ? 0 : Estimate(options.Instructions) + Estimate(options.Tools);

    public static long Estimate(IEnumerable<AITool>? tools) => tools?.Sum(Estimate) ?? 0;

    public static long Estimate(AITool tool) =>
        PerTool + Estimate(tool.Name) + Estimate(tool.Description) + (tool is AIFunctionDeclaration function ? ToTokens(JsonMarshal.GetRawUtf8Value(function.JsonSchema).Length) : 0);

    /// <summary>The weight of what is not text.</summary>
    public static long MediaOf(ChatMessage message)
    {
        long weight = 0;
        for (var i = 0; i < message.Contents.Count; i++) weight += MediaOf(message.Contents[i]);
        return weight;
    }

    private static long MediaOf(AIContent content) => content switch
    {
        DataContent or UriContent or HostedFileContent => PerMedia,
        FunctionResultContent { Result: IEnumerable<AIContent> parts } => parts.Sum(MediaOf),
        _ => WireContent.GetPart(content) is null ? 0 : PerMedia,
    };

    private static long Estimate(AIContent content) => content switch
    {
        DataContent or UriContent or HostedFileContent => PerMedia,
        FunctionResultContent { Result: IEnumerable<AIContent> parts } => parts.Sum(Estimate),
        _ when WireContent.GetPart(content) is not null => PerMedia,
        _ => ToTokens(MessageSize.Measure(content)),
    };

    private static long ToTokens(long bytes) => (bytes + BytesPerToken - 1) / BytesPerToken;
}
