using System.Buffers;
using System.Globalization;

namespace PluginHost.Redaction;

/// <summary>
/// Card numbers: 13 to 19 digits that pass the Luhn check, in one group or in several with up to three spaces or dashes between them.
/// The first group has four digits or more, the others three or more except the last. A list of years is not a card number.
/// </summary>
internal sealed class CardPattern() : Pattern("card", 96)
{
    private const int MinDigits = 13;
    private const int MaxDigits = 19;

    private static readonly SearchValues<char> Starts = DigitText.DigitsAnd("");

    public override ScanResult Next(ReadOnlySpan<char> text, int position, int lastEnd, bool final)
    {
        var digits = new DigitText(text, final);
        for (var i = position; i < text.Length;)
        {
            var skipped = text[i..].IndexOfAny(Starts);
            if (skipped < 0) break;
            i += skipped;
            if (!IsStart(digits, i))
            {
                i++;
                continue;
            }

            var (decision, end) = Read(digits, i, out var next);
            if (decision == Decision.Undecided) return ScanResult.NoMatchBefore(i);
            if (decision == Decision.Yes) return new(i, end);
            i = next;
        }

        return ScanResult.NoMatchBefore(text.Length);
    }

    /// <summary>Whether a card number may start here. Digits after a decimal point are not a card number.</summary>
    private static bool IsStart(DigitText text, int index) =>
        text.IsDigit(index) && !text.IsDigit(index - 1) && !(index > 1 && text[index - 1] is '.' or ',' && text.IsDigit(index - 2));

    private static (Decision Decision, int End) Read(DigitText text, int start, out int next)
    {
        var (count, found, years, others) = (0, 0, 0, 0);
        var group = text.ReadGroup(start);
        next = group.End;
        if (group.Decision == Decision.Yes && group.Length < 4) return default;
        while (group.Decision == Decision.Yes && (count += group.Length) <= MaxDigits)
        {
            if (text.IsYear(group)) years++;
            else if (group.Length == 4) others++;
            if (count >= MinDigits && (years < 2 || others > 0) && PassesLuhn(text, start, group.End)) found = group.End;
            var after = text.SkipCardGap(group.End);
            if (group.Length < 3 || (after == group.End && after < text.Length)) break;
            group = text.ReadGroup(after);
        }

        if (group.Decision == Decision.Undecided && count + group.Length <= MaxDigits) return (Decision.Undecided, 0);
        var uuid = found == 0 ? Decision.No : text.IsInUuid(start);
        return uuid switch
        {
            Decision.Undecided => (Decision.Undecided, 0),
            Decision.No when found > 0 => (Decision.Yes, found),
            _ => default,
        };
    }

    private static bool PassesLuhn(DigitText text, int start, int end)
    {
        var (sum, twice, all) = (0, false, 0);
        for (var i = end - 1; i >= start; i--)
        {
            if (!text.IsDigit(i)) continue;
            var digit = CharUnicodeInfo.GetDecimalDigitValue(text[i]);
            all |= digit;
            if (twice) digit = digit > 4 ? (2 * digit) - 9 : 2 * digit;
            sum += digit;
            twice = !twice;
        }

        return sum % 10 == 0 && all != 0;
    }
}
