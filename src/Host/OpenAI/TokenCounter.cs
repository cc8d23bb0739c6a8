using System.Text.Json;
using Microsoft.Extensions.AI;
using Microsoft.ML.Tokenizers;
using PluginHost.Engine.Messages;

namespace PluginHost.OpenAI;

/// <summary>
/// Counts the tokens of text by the o200k_base encoding: of messages, calls and results, without images and files. Text is counted in
/// pieces that begin where a word does, so that counting can be cancelled. The encoding takes the square of the length of a word, or of a
/// row of blanks or signs: a very long one is cut, which may count a token more. For one request.
/// </summary>
internal sealed class TokenCounter(CancellationToken cancellationToken)
{
    private const int PieceLength = 16 * 1024;
    private const int MaxRow = 512;

    // Loaded on first use: its data takes tens of megabytes.
    private static readonly Lazy<TiktokenTokenizer> Encoding = new(static () => TiktokenTokenizer.CreateForEncoding("o200k_base"));

    public long Count { get; private set; }

    public void Add(ChatMessage message)
    {
        foreach (var content in message.Contents) Add(content);
    }

    public void Add(string? text)
    {
        if (string.IsNullOrEmpty(text)) return;
        var (start, row) = (0, 0);
        for (var i = 1; i < text.Length; i++)
        {
            row = KindOf(text[i]) == KindOf(text[i - 1]) ? row + 1 : 0;
            if (row < MaxRow && (i - start < PieceLength || !BeginsWord(text, i))) continue;
            if (char.IsLowSurrogate(text[i])) continue;
            AddPiece(text.AsSpan(start, i - start));
            (start, row) = (i, 0);
        }

        AddPiece(text.AsSpan(start));
    }

    private void Add(AIContent content)
    {
        switch (content)
        {
            case TextContent text:
                Add(text.Text);
                break;
            case TextReasoningContent reasoning:
                Add(reasoning.Text);
                break;
            case ErrorContent refusal:
                Add(refusal.Message);
                break;
            case FunctionCallContent call:
                Add(call.Name);
                Add(CallArguments.ToText(call));
                break;
            case FunctionResultContent { Result: JsonElement { ValueKind: not JsonValueKind.String } json }:
                Add(json.GetRawText());
                break;
            case FunctionResultContent result:
                Add(result.Result?.ToString());
                break;
        }
    }

    private void AddPiece(ReadOnlySpan<char> piece)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Count += Encoding.Value.CountTokens(piece);
    }

    /// <summary>A blank between two words belongs to the second one.</summary>
    private static bool BeginsWord(string text, int index) =>
        text[index] == ' ' && !char.IsWhiteSpace(text[index - 1]) && index + 1 < text.Length && char.IsLetter(text[index + 1]);

    private static int KindOf(char c) => char.IsWhiteSpace(c) ? 0 : char.IsLetterOrDigit(c) || char.IsSurrogate(c) ? 1 : 2;
}
