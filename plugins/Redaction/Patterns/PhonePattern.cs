using System.Buffers;

namespace PluginHost.Redaction;

/// <summary>
/// Telephone numbers in the formats of many countries. With a plus or <c>00</c>: 7 to 15 digits. Without: 8 to 15 digits in groups
/// (7 after a trunk zero or parentheses, or as 555-1234), or 9 to 12 digits in one group. Up to three spaces, dashes, slashes and
/// parentheses, or one dot, separate groups. Dates, years, versions, IPv4 addresses, decimal numbers, UUIDs and groups of a card number do not match.
/// </summary>
/// <remarks>More than 15 digits are several adjacent numbers: digits directly after a match are masked, too.</remarks>
internal sealed class PhonePattern() : Pattern("phone", 160)
{
    private static readonly SearchValues<char> Starts = DigitText.DigitsAnd("+\uFF0B(");

    public override ScanResult Next(ReadOnlySpan<char> text, int position, int lastEnd, bool final)
    {
        var digits = new DigitText(text, final);
        if (position == lastEnd && ReadContinuation(digits, lastEnd) is { } continued) return continued;
        for (var i = position; i < text.Length;)
        {
            var skipped = text[i..].IndexOfAny(Starts);
            if (skipped < 0) break;
            i += skipped;
            var (decision, first) = FindStart(digits, i);
            if (decision == Decision.Undecided) return ScanResult.NoMatchBefore(i);
            if (decision == Decision.No)
            {
                i++;
                continue;
            }

            var run = PhoneRun.Read(digits, i, first);
            if (run.Decision == Decision.Undecided) return ScanResult.NoMatchBefore(i);
            if (run.Decision == Decision.Yes && run.IsPhone) return new(i, run.End);
            i = run.Next;
        }

        return ScanResult.NoMatchBefore(text.Length);
    }

    private static ScanResult? ReadContinuation(DigitText digits, int lastEnd)
    {
        var first = digits.SkipPhoneGap(lastEnd);
        if (first == lastEnd && first < digits.Length) return null;
        var run = PhoneRun.Read(digits, first, first);
        return run.Decision switch
        {
            Decision.Undecided => ScanResult.NoMatchBefore(lastEnd),
            Decision.Yes => new(first, run.End),
            _ => null,
        };
    }

    /// <summary>Whether a number may start at an index, and the index of its first digit.</summary>
    private static (Decision Decision, int First) FindStart(DigitText text, int index)
    {
        var c = text[index];
        if (c is '+' or '\uFF0B')
        {
            var first = index + 1 < text.Length && text[index + 1] == '(' ? index + 2 : index + 1;
            return (first == text.Length ? text.DecisionAtEnd : text.IsDigit(first) ? Decision.Yes : Decision.No, first);
        }

        if (c == '(') return FindParentheses(text, index);
        var starts = text.IsDigit(index) && (index == 0 || !(char.IsLetterOrDigit(text[index - 1]) || text[index - 1] == '_'));
        return (starts ? Decision.Yes : Decision.No, index);
    }

    /// <summary>Whether an area or country code in parentheses starts at an index, and the index of its first digit.</summary>
    private static (Decision Decision, int First) FindParentheses(DigitText text, int index)
    {
        var first = index + 1 < text.Length && text[index + 1] == '+' ? index + 2 : index + 1;
        var end = first;
        while (text.IsDigit(end) && end - first < 6) end++;
        if (end == text.Length) return (text.DecisionAtEnd, first);
        return (end > first && end - first < 6 && text[end] == ')' ? Decision.Yes : Decision.No, first);
    }
}
