namespace PluginHost.Redaction;

/// <summary>
/// Telephone numbers as they are written in many countries: with a plus or <c>00</c>, 7 to 15 digits; without, 8 to 15 digits in groups
/// (7 after a trunk zero or parentheses, or as 555-1234), or 9 to 12 digits together. Up to three spaces, dashes, slashes and parentheses, or
/// one dot, stand between groups. Dates, years, versions, IPv4 addresses, decimal numbers, UUIDs and the groups of a card number are not taken for one.
/// </summary>
/// <remarks>Digits that go on after 15 are several numbers in a row: what follows a match directly is masked too.</remarks>
internal sealed class PhonePattern() : Pattern("phone", 160)
{
    public override Scan Next(ReadOnlySpan<char> text, int position, int lastEnd, bool final)
    {
        var digits = new DigitText(text, final);
        if (position == lastEnd && Continues(digits, lastEnd) is { } continued) return continued;
        for (var i = position; i < text.Length;)
        {
            var (finding, first) = FindStart(digits, i);
            if (finding == Finding.Open) return Scan.NoneBefore(i);
            if (finding == Finding.No)
            {
                i++;
                continue;
            }

            var run = PhoneRun.Read(digits, i, first);
            if (run.Finding == Finding.Open) return Scan.NoneBefore(i);
            if (run.Finding == Finding.Yes && run.IsPhone) return new(i, run.End);
            i = run.Next;
        }

        return Scan.NoneBefore(text.Length);
    }

    private static Scan? Continues(DigitText digits, int lastEnd)
    {
        var first = digits.SkipPhoneGap(lastEnd);
        if (first == lastEnd && first < digits.Length) return null;
        var run = PhoneRun.Read(digits, first, first);
        return run.Finding switch
        {
            Finding.Open => Scan.NoneBefore(lastEnd),
            Finding.Yes => new(first, run.End),
            _ => null,
        };
    }

    /// <summary>Whether a number may begin at a place, and where its first digit is.</summary>
    private static (Finding Finding, int First) FindStart(DigitText text, int index)
    {
        var c = text[index];
        if (c is '+' or '\uFF0B')
        {
            var first = index + 1 < text.Length && text[index + 1] == '(' ? index + 2 : index + 1;
            return (first == text.Length ? text.AtEnd : text.IsDigit(first) ? Finding.Yes : Finding.No, first);
        }

        if (c == '(') return FindParentheses(text, index);
        var starts = text.IsDigit(index) && (index == 0 || !(char.IsLetterOrDigit(text[index - 1]) || text[index - 1] == '_'));
        return (starts ? Finding.Yes : Finding.No, index);
    }

    /// <summary>An area or country code in parentheses.</summary>
    private static (Finding Finding, int First) FindParentheses(DigitText text, int index)
    {
        var first = index + 1 < text.Length && text[index + 1] == '+' ? index + 2 : index + 1;
        var end = first;
        while (text.IsDigit(end) && end - first < 6) end++;
        if (end == text.Length) return (text.AtEnd, first);
        return (end > first && end - first < 6 && text[end] == ')' ? Finding.Yes : Finding.No, first);
    }
}
