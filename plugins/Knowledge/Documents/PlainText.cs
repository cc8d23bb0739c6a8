using System.Text;

namespace PluginHost.Knowledge.Documents;

/// <summary>Decodes text files.</summary>
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
