using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.ML.Tokenizers;
using PluginHost.OpenAI.Tools;

namespace PluginHost.OpenAI;

/// <summary>
/// Counts the tokens of text by the o200k_base encoding: of messages, calls and results. It leaves out images, files, and what a
/// service puts around messages.
/// </summary>
internal static class TokenEstimate
{
    // Loaded on first use: its data takes tens of megabytes.
    private static readonly Lazy<TiktokenTokenizer> Encoding = new(static () => TiktokenTokenizer.CreateForEncoding("o200k_base"));

    public static long CountMessage(ChatMessage message) => message.Contents.Sum(c => c switch
    {
        TextContent text => CountText(text.Text),
        TextReasoningContent reasoning => CountText(reasoning.Text),
        ErrorContent refusal => CountText(refusal.Message),
        FunctionCallContent call => CountText(call.Name) + CountText(FunctionArguments.ToText(call)),
        FunctionResultContent { Result: JsonElement { ValueKind: not JsonValueKind.String } json } => CountText(json.GetRawText()),
        FunctionResultContent result => CountText(result.Result?.ToString()),
        _ => 0,
    });

    public static long CountText(string? text) => string.IsNullOrEmpty(text) ? 0 : Encoding.Value.CountTokens(text);
}
