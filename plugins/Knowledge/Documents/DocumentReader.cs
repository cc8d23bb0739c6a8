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
