using UglyToad.PdfPig;
using UglyToad.PdfPig.DocumentLayoutAnalysis.TextExtractor;

namespace PluginHost.Knowledge.Documents;

/// <summary>Reads PDF: a section for each page.</summary>
internal static class PdfText
{
    /// <exception cref="UnreadableDocumentException">There is no text.</exception>
    public static DocumentText Read(byte[] bytes)
    {
        using var document = PdfDocument.Open(bytes);
        var sections = new List<DocumentSection>();
        var chars = 0L;
        foreach (var page in document.GetPages())
        {
            var text = ContentOrderTextExtractor.GetText(page, addDoubleNewline: true);
            if ((chars += text.Length) > DocumentReader.MaxChars) throw DocumentReader.TooLong();
            if (!string.IsNullOrWhiteSpace(text)) sections.Add(new DocumentSection([], page.Number, text));
        }

        if (sections.Count == 0) throw new UnreadableDocumentException("It has no text. Scanned pages need a text layer, which OCR programs add.");
        return new DocumentText(string.IsNullOrWhiteSpace(document.Information.Title) ? null : document.Information.Title.Trim(), sections);
    }
}
