using System.Buffers;

namespace PluginHost.Redaction;

/// <summary>The answer to a question about a text that may continue.</summary>
internal enum Decision
{
    No,
    Yes,

    /// <summary>The answer depends on more text.</summary>
    Undecided,
}

/// <summary>A group of adjacent digits.</summary>
/// <param name="Decision">Whether there is a group of at most <see cref="DigitText.MaxGroup"/> digits.</param>
/// <param name="Start">The index of the first digit.</param>
/// <param name="End">The index after the last digit.</param>
internal readonly record struct DigitGroup(Decision Decision, int Start, int End)
{
    public int Length => End - Start;
}

/// <summary>Reads the groups of digits of a text. Every method reads a bounded number of characters.</summary>
internal readonly ref struct DigitText(ReadOnlySpan<char> text, bool final)
{
    public const int MaxGroup = 19;
    public const int MaxGap = 3;

    private const string Spaces = " \u00A0\u2007\u2009\u202F";
    private const string Dashes = "-\u2010\u2011\u2012\u2013";

    private readonly ReadOnlySpan<char> _text = text;

    public int Length => _text.Length;

    public char this[int index] => _text[index];

    /// <summary>The digits of all scripts, and additional characters.</summary>
    public static SearchValues<char> DigitsAnd(string more) =>
        SearchValues.Create([.. Enumerable.Range(0, char.MaxValue + 1).Select(c => (char)c).Where(char.IsDigit), .. more]);

    public bool IsDigit(int index) => index >= 0 && index < _text.Length && char.IsDigit(_text[index]);

    /// <summary>The decision when the text ends where more characters would matter.</summary>
    public Decision DecisionAtEnd => final ? Decision.No : Decision.Undecided;

    /// <summary>Reads the group at an index, which may be the end of the text.</summary>
    public DigitGroup ReadGroup(int start)
    {
        var end = start;
        while (IsDigit(end) && end - start <= MaxGroup) end++;
        if (end - start > MaxGroup) return new(Decision.No, start, end);
        if (end == _text.Length && !final) return new(Decision.Undecided, start, end);
        return new(end > start ? Decision.Yes : Decision.No, start, end);
    }

    /// <summary>Whether a group looks like a year from 1900 to 2099.</summary>
    public bool IsYear(DigitGroup group) => group.Length == 4 && (_text[group.Start], _text[group.Start + 1]) is ('1', '9') or ('2', '0');

    /// <summary>Returns the index after the separators of card number groups; the same index when there are none.</summary>
    public int SkipCardGap(int start)
    {
        var end = start;
        while (end < _text.Length && end - start < MaxGap && (Spaces.Contains(_text[end]) || Dashes.Contains(_text[end]))) end++;
        return end;
    }

    /// <summary>Like <see cref="SkipCardGap"/> for telephone numbers, which also use parentheses, slashes or a single dot.</summary>
    public int SkipPhoneGap(int start)
    {
        if (start < _text.Length && _text[start] == '.') return start + 1;
        var end = start;
        while (end < _text.Length && end - start < MaxGap
            && (Spaces.Contains(_text[end]) || Dashes.Contains(_text[end]) || _text[end] is '/' or '(' or ')')) end++;
        return end;
    }

    /// <summary>Whether digits are part of a UUID, whose groups can look like a telephone number.</summary>
    public Decision IsInUuid(int start)
    {
        ReadOnlySpan<int> groups = [0, 9, 14, 19, 24];
        foreach (var offset in groups)
        {
            if (start < offset) break;
            var decision = IsUuid(start - offset);
            if (decision != Decision.No) return decision;
        }

        return Decision.No;
    }

    private Decision IsUuid(int start)
    {
        if (start > 0 && char.IsLetterOrDigit(_text[start - 1])) return Decision.No;
        for (var i = 0; i < 36; i++)
        {
            if (start + i == _text.Length) return DecisionAtEnd;
            var c = _text[start + i];
            if (i is 8 or 13 or 18 or 23 ? c != '-' : !char.IsAsciiHexDigit(c)) return Decision.No;
        }

        if (start + 36 == _text.Length) return final ? Decision.Yes : Decision.Undecided;
        return char.IsLetterOrDigit(_text[start + 36]) ? Decision.No : Decision.Yes;
    }
}
