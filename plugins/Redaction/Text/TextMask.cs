using System.Text;

namespace PluginHost.Redaction;

/// <summary>
/// Masks one text that arrives in parts. Releases every character as soon as further text cannot make it part of a match, so the
/// result does not depend on how the text is split. Not thread-safe.
/// </summary>
/// <remarks>
/// Each pattern scans the text separately; overlapping matches are replaced together. All matches before the slowest pattern's
/// position are known, so the text before it can be released.
/// </remarks>
internal sealed class TextMask(MaskSet set)
{
    private readonly Cursor[] _cursors = CreateCursors(set.Patterns.Count);
    private readonly List<Match> _found = [];
    private char[] _text = [];
    private int _length;
    private int _released;
    private int _maskedUntil;

    /// <summary>The number of characters that are held back.</summary>
    public int HeldLength => _length - _released;

    /// <summary>Whether anything was masked.</summary>
    public bool HasMasked { get; private set; }

    /// <summary>Adds a part of the text.</summary>
    /// <returns>The released text; may be empty.</returns>
    public string Add(ReadOnlySpan<char> part)
    {
        if (part.IsEmpty) return "";
        Append(part);
        var text = _text.AsSpan(0, _length);
        return Release(text, Search(text, final: false));
    }

    /// <summary>Adds the last part and completes the text. A later part starts another text.</summary>
    /// <returns>The remaining text; the same string when the part is the whole text and nothing matched.</returns>
    public string AddLast(string part)
    {
        if (_length > 0) return Add(part) + Finish();
        _length = part.Length;
        var matches = Search(part, final: true) == part.Length && _found.Count > 0;
        var masked = matches ? Release(part, part.Length) : part;
        Reset();
        return masked;
    }

    /// <summary>Completes the text. A later part starts another text.</summary>
    /// <returns>The remaining text.</returns>
    public string Finish()
    {
        if (_length == 0) return "";
        var text = _text.AsSpan(0, _length);
        var rest = HeldLength == 0 ? "" : Release(text, Search(text, final: true));
        Reset();
        return rest;
    }

    private void Reset()
    {
        _found.Clear();
        _length = _released = _maskedUntil = 0;
        Array.Fill(_cursors, Cursor.AtStart);
    }

    /// <returns>The index before which all matches are known.</returns>
    private int Search(ReadOnlySpan<char> text, bool final)
    {
        var limit = text.Length;
        for (var i = 0; i < _cursors.Length; i++) limit = Math.Min(limit, Search(text, i, final));
        _found.Sort();
        return limit;
    }

    private string Release(ReadOnlySpan<char> text, int limit)
    {
        var result = new StringBuilder(limit - _released);
        var taken = 0;
        foreach (var match in _found)
        {
            if (match.Start >= limit) break;
            taken++;
            if (match.Start >= _maskedUntil)
            {
                Copy(result, text, match.Start);
                result.Append(set.GetReplacement(match.Pattern));
            }

            _maskedUntil = Math.Max(_maskedUntil, match.End);
        }

        HasMasked |= taken > 0;
        _found.RemoveRange(0, taken);
        Copy(result, text, limit);
        _released = limit;
        return result.ToString();
    }

    /// <returns>The index before which the pattern's matches are known.</returns>
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

    private void Copy(StringBuilder result, ReadOnlySpan<char> text, int until)
    {
        var from = Math.Max(_released, _maskedUntil);
        if (from < until) result.Append(text[from..until]);
    }

    private void Append(ReadOnlySpan<char> part)
    {
        var obsolete = _released - Pattern.Context;
        if (obsolete > 0 && _length + part.Length > _text.Length) RemoveStart(obsolete);
        if (_length + part.Length > _text.Length) Array.Resize(ref _text, Math.Max(256, 2 * (_length + part.Length)));
        part.CopyTo(_text.AsSpan(_length));
        _length += part.Length;
    }

    private void RemoveStart(int count)
    {
        _text.AsSpan(count, _length - count).CopyTo(_text);
        _length -= count;
        _released -= count;
        _maskedUntil -= count;
        for (var i = 0; i < _found.Count; i++) _found[i] = _found[i] with { Start = _found[i].Start - count, End = _found[i].End - count };
        foreach (ref var cursor in _cursors.AsSpan()) cursor = new(cursor.Position - count, Math.Max(-1, cursor.LastEnd - count));
    }

    private static Cursor[] CreateCursors(int count)
    {
        var cursors = new Cursor[count];
        Array.Fill(cursors, Cursor.AtStart);
        return cursors;
    }

    private record struct Cursor(int Position, int LastEnd)
    {
        public static Cursor AtStart => new(0, -1);
    }

    /// <summary>A match, sorted in the order of replacement: by start, then the longest, then the first pattern.</summary>
    private readonly record struct Match(int Start, int End, int Pattern) : IComparable<Match>
    {
        public int CompareTo(Match other) => (Start, -End, Pattern).CompareTo((other.Start, -other.End, other.Pattern));
    }
}
