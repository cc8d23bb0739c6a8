using Microsoft.ML.Tokenizers;

namespace PluginHost.Engine.Chains.Tokens;

/// <summary>
/// An encoding of text to tokens. It takes the square of the length of a word, or of a row of blanks or signs, so text is counted in
/// pieces: a very long row is cut, which may count a token more. Thread-safe.
/// </summary>
internal sealed class TextEncoding
{
    private const int PieceLength = 16 * 1024;
    private const int MaxRow = 512;

    // Loaded on first use: the data takes tens of megabytes.
    private readonly Lazy<TiktokenTokenizer> _tokenizer;

    private TextEncoding(string name) => _tokenizer = new(() => TiktokenTokenizer.CreateForEncoding(name));

    /// <summary>Of OpenAI's models since gpt-4o.</summary>
    public static TextEncoding O200k { get; } = new("o200k_base");

    /// <summary>Of gpt-4 and gpt-3.5.</summary>
    public static TextEncoding Cl100k { get; } = new("cl100k_base");

    /// <param name="text">The text; null for none.</param>
    /// <param name="cancellationToken">Cancels between two pieces.</param>
    public long Count(ReadOnlySpan<char> text, CancellationToken cancellationToken = default)
    {
        if (text.IsEmpty) return 0;
        var (count, start, row) = (0L, 0, 0);
        for (var i = 1; i < text.Length; i++)
        {
            row = KindOf(text[i]) == KindOf(text[i - 1]) ? row + 1 : 0;
            if (row < MaxRow && (i - start < PieceLength || !BeginsWord(text, i))) continue;
            if (char.IsLowSurrogate(text[i])) continue;
            cancellationToken.ThrowIfCancellationRequested();
            count += _tokenizer.Value.CountTokens(text[start..i]);
            (start, row) = (i, 0);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return count + _tokenizer.Value.CountTokens(text[start..]);
    }

    /// <summary>A blank between two words belongs to the second one.</summary>
    private static bool BeginsWord(ReadOnlySpan<char> text, int index) =>
        text[index] == ' ' && !char.IsWhiteSpace(text[index - 1]) && index + 1 < text.Length && char.IsLetter(text[index + 1]);

    private static int KindOf(char c) => char.IsWhiteSpace(c) ? 0 : char.IsLetterOrDigit(c) || char.IsSurrogate(c) ? 1 : 2;
}
