using System.Text.RegularExpressions;

namespace PluginHost.WebConsole.Views;

/// <summary>Some words of a text that was changed.</summary>
/// <param name="Text">The words, with the spaces between them.</param>
/// <param name="Change">Whether both texts have them.</param>
public sealed record TextPiece(string Text, TextChange Change);

public enum TextChange
{
    None,
    Removed,
    Added,
}

/// <summary>Which words of one text another one does not have.</summary>
public static partial class TextDifference
{
    private const int MaxLength = 12_000;

    // The work grows with the square: between more words than these, all are shown as changed.
    private const int MaxWords = 500;

    /// <returns>Both texts in pieces; null when they are equal, or too long to be compared.</returns>
    public static IReadOnlyList<TextPiece>? Find(string before, string after)
    {
        if (before == after || Math.Max(before.Length, after.Length) > MaxLength) return null;
        ReadOnlySpan<string> old = Split(before), now = Split(after);
        var start = old.CommonPrefixLength(now);
        var end = 0;
        while (end < Math.Min(old.Length, now.Length) - start && old[^(end + 1)] == now[^(end + 1)]) end++;

        var pieces = new List<TextPiece>();
        Add(pieces, old[..start], TextChange.None);
        Compare(pieces, old[start..^end], now[start..^end]);
        Add(pieces, old[^end..], TextChange.None);
        return pieces;
    }

    /// <summary>Keeps the longest common subsequence of words.</summary>
    private static void Compare(List<TextPiece> pieces, ReadOnlySpan<string> old, ReadOnlySpan<string> now)
    {
        if (Math.Max(old.Length, now.Length) > MaxWords)
        {
            Add(pieces, old, TextChange.Removed);
            Add(pieces, now, TextChange.Added);
            return;
        }

        var common = CountCommon(old, now);
        var (i, j) = (0, 0);
        while (i < old.Length || j < now.Length)
        {
            if (i < old.Length && j < now.Length && old[i] == now[j])
            {
                Add(pieces, old.Slice(i++, 1), TextChange.None);
                j++;
            }
            else if (j == now.Length || (i < old.Length && common[i + 1, j] >= common[i, j + 1])) Add(pieces, old.Slice(i++, 1), TextChange.Removed);
            else Add(pieces, now.Slice(j++, 1), TextChange.Added);
        }
    }

    /// <summary>The length of the longest common subsequence after each pair of places.</summary>
    private static int[,] CountCommon(ReadOnlySpan<string> old, ReadOnlySpan<string> now)
    {
        var common = new int[old.Length + 1, now.Length + 1];
        for (var i = old.Length - 1; i >= 0; i--)
        {
            for (var j = now.Length - 1; j >= 0; j--) common[i, j] = old[i] == now[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        return common;
    }

    private static void Add(List<TextPiece> pieces, ReadOnlySpan<string> words, TextChange change)
    {
        if (words.IsEmpty) return;
        var text = string.Concat(words);
        if (pieces is [.., var last] && last.Change == change) pieces[^1] = last with { Text = last.Text + text };
        else pieces.Add(new(text, change));
    }

    private static string[] Split(string text) => [.. WordOrSpace().Matches(text).Select(m => m.Value)];

    [GeneratedRegex(@"\s+|\S+")]
    private static partial Regex WordOrSpace();
}
