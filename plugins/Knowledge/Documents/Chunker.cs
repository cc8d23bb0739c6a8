namespace PluginHost.Knowledge.Documents;

/// <summary>A passage of a document.</summary>
/// <param name="Heading">The document's title and the headings above the passage.</param>
/// <param name="Page">Its page; null for none.</param>
/// <param name="Text">Its text, not empty.</param>
internal sealed record Chunk(string Heading, int? Page, string Text);

/// <summary>Cuts documents into passages: by sections, then by paragraphs, then by sentences and words. Immutable.</summary>
/// <param name="maxChars">How long a passage may be.</param>
/// <param name="overlap">How much of a passage the next one of its section repeats, less than <paramref name="maxChars"/>.</param>
internal sealed class Chunker(int maxChars, int overlap)
{
    private const string Separator = " > ";

    public IEnumerable<Chunk> Split(DocumentText document, string fileName)
    {
        var title = HeadingPath.Normalize(document.Title ?? Path.GetFileNameWithoutExtension(fileName));
        foreach (var section in document.Sections)
        {
            var headings = section.Headings.Count > 0 && section.Headings[0] == title ? section.Headings : section.Headings.Prepend(title);
            var heading = string.Join(Separator, headings);
            foreach (var text in Split(section.Text.ReplaceLineEndings("\n").Trim())) yield return new Chunk(heading, section.Page, text);
        }
    }

    private IEnumerable<string> Split(string text)
    {
        var start = 0;
        while (start < text.Length)
        {
            if (text.Length - start <= maxChars)
            {
                if (text[start..].Trim() is { Length: > 0 } rest) yield return rest;
                yield break;
            }

            var end = FindEnd(text, start);
            if (text[start..end].Trim() is { Length: > 0 } part) yield return part;
            // What is repeated is less than what is new, so that the end comes nearer with each passage.
            start = Math.Max(FindWord(text, end - Math.Min(overlap, (end - start) / 2), end), start + 1);
        }
    }

    /// <summary>The end of the last paragraph, line, sentence or word that fits, if that leaves at least half a passage.</summary>
    private int FindEnd(string text, int start)
    {
        var window = text.AsSpan(start, maxChars);
        foreach (var mark in (ReadOnlySpan<string>)["\n\n", "\n", ". ", " "])
        {
            var at = window.LastIndexOf(mark);
            if (at >= maxChars / 2) return start + at + mark.Length;
        }

        return char.IsHighSurrogate(text[start + maxChars - 1]) ? start + maxChars - 1 : start + maxChars;
    }

    /// <summary>The beginning of the first word at or after a place; the end when there is none.</summary>
    private static int FindWord(string text, int from, int end)
    {
        if (from >= end) return end;
        for (var i = from; i < end; i++)
        {
            if (i == 0 || char.IsWhiteSpace(text[i - 1])) return i;
        }

        return end;
    }
}
