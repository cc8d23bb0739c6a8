using System.Text.RegularExpressions;
using PluginHost.Architecture.Tables;

namespace PluginHost.Architecture.Rules;

/// <summary>Finds phrases of <see cref="PlainWords"/> in the prose of a page: not in code, which may quote a model or a user.</summary>
internal static partial class DialectOfPages
{
    /// <summary>What a page says that should be said otherwise, as <c>path(line): "phrase": instead</c>.</summary>
    public static IEnumerable<string> Find(string path, string text)
    {
        // The same length with blanks for code, so that a position gives the line.
        var prose = Code().Replace(text, m => new string(' ', m.Length));
        return
            from phrase in PlainWords.Phrases
            from Match match in Regex.Matches(prose, $@"\b(?:{phrase.Phrase.Replace(" ", @"\s+", StringComparison.Ordinal)})\b", RegexOptions.IgnoreCase)
            select $"{path}({text.AsSpan(0, match.Index).Count('\n') + 1}): \"{Space().Replace(match.Value, " ")}\": {phrase.Instead}";
    }

    [GeneratedRegex("^```.*?^```|`[^`\n]*`", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
