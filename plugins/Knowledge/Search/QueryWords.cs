using System.Globalization;

namespace PluginHost.Knowledge.Search;

/// <summary>The words of a text, as they may stand in a query of full text: each quoted, so that nothing in them is syntax.</summary>
internal static class QueryWords
{
    private const int MaxWords = 64;
    private const int MaxLength = 64;

    /// <returns>Different words, lower case, in their order.</returns>
    public static IReadOnlyList<string> From(string text)
    {
        var words = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < text.Length && words.Count < MaxWords;)
        {
            var start = i;
            while (i < text.Length && IsPart(text, i)) i += char.IsSurrogatePair(text, i) ? 2 : 1;
            if (i > start && i - start <= MaxLength && text[start..i].ToLowerInvariant() is var word && seen.Add(word)) words.Add(word);
            if (i == start) i += char.IsSurrogatePair(text, i) ? 2 : 1;
        }

        return words;
    }

    /// <summary>Quoted, and only in the text of passages: the table's other column says whose they are.</summary>
    public static string ToQuery(IEnumerable<string> words) => $"{{heading text}} : ({string.Join(" OR ", words.Select(Quote))})";

    /// <summary>For passages that have all of the words.</summary>
    public static string ToQueryOfAll(IEnumerable<string> words) => $"{{heading text}} : ({string.Join(" AND ", words.Select(Quote))})";

    public static string ToHeadingQuery(string word) => $"heading : {Quote(word)}";

    private static string Quote(string word) => $"\"{word.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static bool IsPart(string text, int at) => CharUnicodeInfo.GetUnicodeCategory(text, at) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
        or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
