namespace PluginHost.Redaction;

/// <summary>What a look at a text that may go on has shown.</summary>
internal enum Finding
{
    No,
    Yes,

    /// <summary>More text decides.</summary>
    Open,
}

/// <summary>Digits that stand together.</summary>
/// <param name="Finding">Whether there are such digits, at most <see cref="DigitText.MaxGroup"/> of them.</param>
/// <param name="Start">The first digit.</param>
/// <param name="End">After the last digit; what is before it needs no second look.</param>
internal readonly record struct DigitGroup(Finding Finding, int Start, int End)
{
    public int Length => End - Start;
}

/// <summary>Reads a text by its groups of digits. Every look is bounded.</summary>
internal readonly ref struct DigitText(ReadOnlySpan<char> text, bool final)
{
    public const int MaxGroup = 19;
    public const int MaxGap = 3;

    private const string Spaces = " \u00A0\u2007\u2009\u202F";
    private const string Dashes = "-\u2010\u2011\u2012\u2013";

    private readonly ReadOnlySpan<char> _text = text;

    public int Length => _text.Length;

    public char this[int index] => _text[index];

    public bool IsDigit(int index) => index >= 0 && index < _text.Length && char.IsDigit(_text[index]);

    /// <summary>What it means that the text ends at a place that is still of interest.</summary>
    public Finding AtEnd => final ? Finding.No : Finding.Open;

    /// <summary>The group that begins at a place, which may be the text's end.</summary>
    public DigitGroup ReadGroup(int start)
    {
        var end = start;
        while (IsDigit(end) && end - start <= MaxGroup) end++;
        if (end - start > MaxGroup) return new(Finding.No, start, end);
        if (end == _text.Length && !final) return new(Finding.Open, start, end);
        return new(end > start ? Finding.Yes : Finding.No, start, end);
    }

    /// <summary>The place after the characters that may stand between two groups of a card number; the same place when there are none.</summary>
    public int SkipCardGap(int start)
    {
        var end = start;
        while (end < _text.Length && end - start < MaxGap && (Spaces.Contains(_text[end]) || Dashes.Contains(_text[end]))) end++;
        return end;
    }

    /// <summary>The same for a telephone number, where parentheses, a slash or a single dot may separate too.</summary>
    public int SkipPhoneGap(int start)
    {
        if (start < _text.Length && _text[start] == '.') return start + 1;
        var end = start;
        while (end < _text.Length && end - start < MaxGap
            && (Spaces.Contains(_text[end]) || Dashes.Contains(_text[end]) || _text[end] is '/' or '(' or ')')) end++;
        return end;
    }

    /// <summary>Whether digits at a place are part of a UUID, of which groups can look like a telephone number.</summary>
    public Finding IsInUuid(int start)
    {
        ReadOnlySpan<int> groups = [0, 9, 14, 19, 24];
        foreach (var offset in groups)
        {
            if (start < offset) break;
            var finding = IsUuid(start - offset);
            // Before its first dash, a UUID cannot be told from the digits of a telephone number.
            if (finding != Finding.No) return finding;
        }

        return Finding.No;
    }

    private Finding IsUuid(int start)
    {
        if (start > 0 && char.IsLetterOrDigit(_text[start - 1])) return Finding.No;
        for (var i = 0; i < 36; i++)
        {
            if (start + i == _text.Length) return AtEnd;
            var c = _text[start + i];
            if (i is 8 or 13 or 18 or 23 ? c != '-' : !char.IsAsciiHexDigit(c)) return Finding.No;
        }

        if (start + 36 == _text.Length) return final ? Finding.Yes : Finding.Open;
        return char.IsLetterOrDigit(_text[start + 36]) ? Finding.No : Finding.Yes;
    }
}
