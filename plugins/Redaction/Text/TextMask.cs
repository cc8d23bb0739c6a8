using System.Text;

namespace PluginHost.Redaction;

/// <summary>
/// Masks one text that arrives in pieces. Gives out every character as soon as no further text can make it part of a match,
/// so what leaves is the same wherever the text was cut. Not thread-safe.
/// </summary>
/// <remarks>
/// Each pattern goes through the text on its own; matches of several that overlap become one. All matches that begin before
/// the place that the slowest pattern has reached are known, so everything up to there can go.
/// </remarks>
internal sealed class TextMask(MaskSet set)
{
    private readonly Cursor[] _cursors = NewCursors(set.Patterns.Count);
    private readonly List<Match> _found = [];
    private char[] _text = [];
    private int _length;
    private int _gone;
    private int _maskedUntil;

    /// <summary>How many characters are held back.</summary>
    public int Held => _length - _gone;

    /// <summary>Adds a piece of text.</summary>
    /// <returns>What can go; may be empty.</returns>
    public string Add(ReadOnlySpan<char> piece)
    {
        if (piece.IsEmpty) return "";
        Append(piece);
        return Advance(_text.AsSpan(0, _length), final: false);
    }

    /// <summary>Ends the text. What is added after that is another text.</summary>
    /// <returns>What was held back.</returns>
    public string Finish()
    {
        var rest = Held == 0 ? "" : Advance(_text.AsSpan(0, _length), final: true);
        _found.Clear();
        _length = _gone = _maskedUntil = 0;
        NewCursors(_cursors.Length).CopyTo(_cursors.AsSpan());
        return rest;
    }

    /// <summary>Masks a complete text; the mask is not used for anything else.</summary>
    public string MaskAll(string text)
    {
        _length = text.Length;
        var masked = Advance(text, final: true);
        return _maskedUntil == 0 ? text : masked;
    }

    private string Advance(ReadOnlySpan<char> text, bool final)
    {
        var limit = text.Length;
        for (var i = 0; i < _cursors.Length; i++) limit = Math.Min(limit, Search(text, i, final));
        _found.Sort();

        var result = new StringBuilder();
        var taken = 0;
        foreach (var match in _found)
        {
            if (match.Start >= limit) break;
            taken++;
            if (match.Start >= _maskedUntil)
            {
                Release(result, text, match.Start);
                result.Append(set.ReplacementOf(match.Pattern));
            }

            _maskedUntil = Math.Max(_maskedUntil, match.End);
        }

        _found.RemoveRange(0, taken);
        Release(result, text, limit);
        _gone = limit;
        return result.ToString();
    }

    /// <returns>The place before which the pattern's matches are known.</returns>
    private int Search(ReadOnlySpan<char> text, int pattern, bool final)
    {
        ref var cursor = ref _cursors[pattern];
        while (true)
        {
            var scan = set.Patterns[pattern].Next(text, cursor.Position, cursor.LastEnd, final);
            if (!scan.IsMatch) return cursor.Position = scan.Start;
            _found.Add(new(scan.Start, scan.End, pattern));
            cursor = new(scan.End, scan.End);
        }
    }

    private void Release(StringBuilder result, ReadOnlySpan<char> text, int until)
    {
        var from = Math.Max(_gone, _maskedUntil);
        if (from < until) result.Append(text[from..until]);
    }

    private void Append(ReadOnlySpan<char> piece)
    {
        var cut = _gone - Pattern.Context;
        if (cut > 0 && _length + piece.Length > _text.Length) Cut(cut);
        if (_length + piece.Length > _text.Length) Array.Resize(ref _text, Math.Max(256, 2 * (_length + piece.Length)));
        piece.CopyTo(_text.AsSpan(_length));
        _length += piece.Length;
    }

    private void Cut(int count)
    {
        _text.AsSpan(count, _length - count).CopyTo(_text);
        _length -= count;
        _gone -= count;
        _maskedUntil -= count;
        for (var i = 0; i < _found.Count; i++) _found[i] = _found[i] with { Start = _found[i].Start - count, End = _found[i].End - count };
        foreach (ref var cursor in _cursors.AsSpan()) cursor = new(cursor.Position - count, Math.Max(-1, cursor.LastEnd - count));
    }

    private static Cursor[] NewCursors(int count)
    {
        var cursors = new Cursor[count];
        Array.Fill(cursors, new Cursor(0, -1));
        return cursors;
    }

    private record struct Cursor(int Position, int LastEnd);

    /// <summary>In the order in which matches are replaced: by start, then the longest, then the first pattern.</summary>
    private readonly record struct Match(int Start, int End, int Pattern) : IComparable<Match>
    {
        public int CompareTo(Match other) => (Start, -End, Pattern).CompareTo((other.Start, -other.End, other.Pattern));
    }
}
