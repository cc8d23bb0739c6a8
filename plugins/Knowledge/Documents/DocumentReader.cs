using System.Text;

namespace PluginHost.Knowledge.Documents;

/// <summary>Reads the text of a file by its extension.</summary>
internal static class DocumentReader
{
    /// <summary>A compressed file can become far more text than its size says.</summary>
    public const int MaxChars = 20_000_000;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(1);

    private static readonly Dictionary<string, Func<byte[], DocumentText>> Readers = new(StringComparer.OrdinalIgnoreCase)
    {
        [".md"] = static b => MarkdownText.Read(PlainText.Decode(b)),
        [".markdown"] = static b => MarkdownText.Read(PlainText.Decode(b)),
        [".txt"] = static b => new DocumentText(null, [new DocumentSection([], null, PlainText.Decode(b))]),
        [".html"] = HtmlText.Read,
        [".htm"] = HtmlText.Read,
        [".pdf"] = PdfText.Read,
    };

    /// <summary>Whether files of this name are documents.</summary>
    public static bool Reads(string name) => Readers.ContainsKey(Path.GetExtension(name));

    /// <param name="name">The file's name.</param>
    /// <param name="bytes">Its content.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="UnreadableDocumentException">The file has no text that can be read, or reading it takes too long.</exception>
    public static async Task<DocumentText> ReadAsync(string name, byte[] bytes, TimeProvider time, CancellationToken cancellationToken)
    {
        var reader = Readers[Path.GetExtension(name)];
        try
        {
            // The libraries cannot be cancelled. A file that one of them never finishes must not hold up the others.
            return await Task.Run(() => reader(bytes), cancellationToken).WaitAsync(TimeLimit, time, cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new UnreadableDocumentException($"Reading it takes longer than {TimeLimit.TotalSeconds:0} s.", e);
        }
        catch (Exception e) when (e is not (UnreadableDocumentException or OperationCanceledException or OutOfMemoryException))
        {
            throw new UnreadableDocumentException($"It is damaged or encrypted ({e.GetType().Name}: {e.Message.ReplaceLineEndings(" ")}).", e);
        }
    }

    public static UnreadableDocumentException TooLong() => new($"It has more than {MaxChars:N0} characters.");
}

/// <summary>The text of bytes.</summary>
internal static class PlainText
{
    private static readonly (byte[] Mark, Encoding Encoding)[] Marks =
    [
        ([0xEF, 0xBB, 0xBF], new UTF8Encoding(false, throwOnInvalidBytes: true)),
        ([0xFF, 0xFE, 0, 0], new UTF32Encoding(bigEndian: false, false, throwOnInvalidCharacters: true)),
        ([0xFF, 0xFE], new UnicodeEncoding(bigEndian: false, false, throwOnInvalidBytes: true)),
        ([0xFE, 0xFF], new UnicodeEncoding(bigEndian: true, false, throwOnInvalidBytes: true)),
    ];

    /// <summary>UTF-8, or what the byte order mark says.</summary>
    /// <exception cref="UnreadableDocumentException">It is neither.</exception>
    public static string Decode(byte[] bytes)
    {
        var (mark, encoding) = Array.Find(Marks, m => bytes.AsSpan().StartsWith(m.Mark)) is { Mark: not null } found ? found : ([], Marks[0].Encoding);
        try
        {
            var text = encoding.GetString(bytes.AsSpan(mark.Length));
            return text.Contains('\0', StringComparison.Ordinal) ? throw new UnreadableDocumentException("It is not text.") : text;
        }
        catch (DecoderFallbackException e)
        {
            throw new UnreadableDocumentException("It is not UTF-8 text. Save it as UTF-8.", e);
        }
    }
}
