using System.Globalization;

namespace PluginHost.Redaction;

/// <summary>Recognises numbers that are not telephone numbers: dates, years, versions, IPv4 addresses and decimal numbers.</summary>
internal static class PlainNumber
{
    /// <summary>The maximum length of a recognised number.</summary>
    public const int MaxLength = 32;

    /// <summary>Whether such a number starts at an index.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">The index of the first digit.</param>
    /// <param name="hasPrevious">Whether digits before it may be part of the same telephone number. Versions and short decimals then do not match.</param>
    /// <param name="end">The index after the number.</param>
    public static Decision Read(DigitText text, int start, bool hasPrevious, out int end)
    {
        end = start;
        if (start > 1 && IsSeparator(text[start - 1]) && text.IsDigit(start - 2)) return Decision.No;
        Span<char> number = stackalloc char[MaxLength];
        while (end < text.Length && end - start < MaxLength && (text.IsDigit(end) || IsSeparator(text[end])))
        {
            number[end - start] = text[end];
            end++;
        }

        if (end - start == MaxLength) return Decision.No;
        if (end == text.Length && text.DecisionAtEnd == Decision.Undecided) return Decision.Undecided;
        ReadOnlySpan<char> whole = number[..(end - start)].TrimEnd("./-");
        end = start + whole.Length;
        if (!whole.ContainsAny('.', '-', '/')) return Decision.No;
        var seconds = start > 1 && text[start - 1] == ':' && text.IsDigit(start - 2);
        var isPlain = IsDate(whole) || IsAddress(whole) || (hasPrevious ? IsFraction(whole) : IsVersion(whole) || IsDecimal(whole, seconds));
        return isPlain ? Decision.Yes : Decision.No;
    }

    private static bool IsSeparator(char c) => c is '.' or '-' or '/';

    private static bool IsDate(ReadOnlySpan<char> number)
    {
        Span<Range> parts = stackalloc Range[4];
        foreach (var separator in "-./")
        {
            var count = number.Split(parts, separator);
            if (count == 2 && separator != '.' && IsYear(Parse(number[parts[0]])) && IsYear(Parse(number[parts[1]]))) return true;
            if (count != 3) continue;
            var (first, second, third) = (Parse(number[parts[0]]), Parse(number[parts[1]]), Parse(number[parts[2]]));
            if (IsYear(first) && IsMonthAndDay(second, third)) return true;
            if (IsYear(third) && (IsMonthAndDay(first, second) || IsMonthAndDay(second, first))) return true;
        }

        return false;

        static bool IsYear(int value) => value is >= 1900 and < 2100;
        static bool IsMonthAndDay(int month, int day) => month is >= 1 and <= 12 && day is >= 1 and <= 31;
    }

    /// <summary>Whether this is an IPv4 address. Four groups of two digits are not: some countries write telephone numbers this way.</summary>
    private static bool IsAddress(ReadOnlySpan<char> number)
    {
        var slash = number.IndexOf('/');
        if (slash > 0 && number.Length - slash <= 3) number = number[..slash];
        Span<Range> parts = stackalloc Range[5];
        if (number.Split(parts, '.') != 4) return false;
        var pairs = 0;
        foreach (var part in parts[..4])
        {
            if (Parse(number[part]) is < 0 or > 255) return false;
            if (number[part].Length == 2) pairs++;
        }

        return pairs < 4;
    }

    /// <summary>Whether this is a version: two dots or more, and fewer digits than a telephone number.</summary>
    private static bool IsVersion(ReadOnlySpan<char> number) =>
        !number.ContainsAny('-', '/') && number.Count('.') >= 2 && number.Length - number.Count('.') <= 6;

    /// <summary>Whether this is a decimal number. Several digits with a leading zero are an area code, unless they are seconds.</summary>
    private static bool IsDecimal(ReadOnlySpan<char> number, bool seconds)
    {
        Span<Range> parts = stackalloc Range[3];
        if (number.ContainsAny('-', '/') || number.Split(parts, '.') != 2) return false;
        var whole = number[parts[0]];
        return seconds || whole.Length == 1 || whole[0] != '0';
    }

    /// <summary>Whether this is a small number with more decimals than the last groups of a telephone number.</summary>
    private static bool IsFraction(ReadOnlySpan<char> number) => number.IndexOf('.') is 1 or 2 && number.Length > 5 && IsDecimal(number, seconds: true);

    private static int Parse(ReadOnlySpan<char> digits) =>
        digits.Length <= 4 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : -1;
}
