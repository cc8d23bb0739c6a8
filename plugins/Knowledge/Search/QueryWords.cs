using System.Globalization;

namespace PluginHost.Knowledge.Search;

/// <summary>The words of a text for a full-text query: each is quoted, so that nothing in them is syntax.</summary>
internal static class QueryWords
{
    private const int MaxWords = 64;
    private const int MaxLength = 64;
    private const int MaxText = 8000;

    /// <returns>Different words, lower case: those at the end of the text, where a question often is, and those at its beginning.</returns>
    public static IReadOnlyList<string> From(string text)
    {
        if (text.Length > MaxText) text = $"{text.AsSpan(0, MaxText / 2)} {text.AsSpan(text.Length - (MaxText / 2))}";
        var words = new List<string>();
        for (var i = 0; i < text.Length;)
        {
            var start = i;
            while (i < text.Length && IsPart(text, i)) i += char.IsSurrogatePair(text, i) ? 2 : 1;
            if (i > start && i - start <= MaxLength) words.Add(text[start..i].ToLowerInvariant());
            if (i == start) i += char.IsSurrogatePair(text, i) ? 2 : 1;
        }

        return [.. words.AsEnumerable().Reverse().Distinct().Take(MaxWords / 2).Concat(words).Distinct().Take(MaxWords)];
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
