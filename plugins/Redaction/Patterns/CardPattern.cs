using System.Globalization;

namespace PluginHost.Redaction;

/// <summary>
/// Card numbers: 13 to 19 digits that pass the Luhn check, together or in groups (the first of four digits or more, the others of
/// three or more except the last) with up to three spaces or dashes between them.
/// </summary>
internal sealed class CardPattern() : Pattern("card", 96)
{
    private const int MinDigits = 13;
    private const int MaxDigits = 19;

    public override Scan Next(ReadOnlySpan<char> text, int position, int lastEnd, bool final)
    {
        var digits = new DigitText(text, final);
        for (var i = position; i < text.Length;)
        {
            if (!IsStart(digits, i))
            {
                i++;
                continue;
            }

            var (finding, end) = Read(digits, i, out var next);
            if (finding == Finding.Open) return Scan.NoneBefore(i);
            if (finding == Finding.Yes) return new(i, end);
            i = next;
        }

        return Scan.NoneBefore(text.Length);
    }

    /// <summary>Digits after a decimal point are no card number.</summary>
    private static bool IsStart(DigitText text, int index) =>
        text.IsDigit(index) && !text.IsDigit(index - 1) && !(index > 1 && text[index - 1] is '.' or ',' && text.IsDigit(index - 2));

    private static (Finding Finding, int End) Read(DigitText text, int start, out int next)
    {
        var (count, found) = (0, 0);
        var group = text.ReadGroup(start);
        next = group.End;
        if (group.Finding == Finding.Yes && group.Length < 4) return default;
        while (group.Finding == Finding.Yes && (count += group.Length) <= MaxDigits)
        {
            if (count >= MinDigits && PassesLuhn(text, start, group.End)) found = group.End;
            var after = text.SkipCardGap(group.End);
            if (group.Length < 3 || (after == group.End && after < text.Length)) break;
            group = text.ReadGroup(after);
        }

        if (group.Finding == Finding.Open && count + group.Length <= MaxDigits) return (Finding.Open, 0);
        var uuid = found == 0 ? Finding.No : text.IsInUuid(start);
        return uuid switch
        {
            Finding.Open => (Finding.Open, 0),
            Finding.No when found > 0 => (Finding.Yes, found),
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
