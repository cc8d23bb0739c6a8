using System.Globalization;

namespace PluginHost.Redaction;

/// <summary>Tells numbers with a meaning of their own (dates, years, versions, IPv4 addresses, decimal numbers) from telephone numbers.</summary>
internal static class PlainNumber
{
    /// <summary>How long a number may be to be recognised.</summary>
    public const int MaxLength = 32;

    /// <summary>Whether the digits at a place begin such a number.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">The first digit.</param>
    /// <param name="linked">Whether digits before it may belong to the same number: then what may be an end of it does not count.</param>
    /// <param name="end">The end of the number, when there is one.</param>
    public static Finding Read(DigitText text, int start, bool linked, out int end)
    {
        end = start;
        if (start > 1 && IsJoint(text[start - 1]) && text.IsDigit(start - 2)) return Finding.No;
        Span<char> number = stackalloc char[MaxLength];
        while (end < text.Length && end - start < MaxLength && (text.IsDigit(end) || IsJoint(text[end])))
        {
            number[end - start] = text[end];
            end++;
        }

        if (end - start == MaxLength) return Finding.No;
        if (end == text.Length && text.AtEnd == Finding.Open) return Finding.Open;
        ReadOnlySpan<char> whole = number[..(end - start)].TrimEnd("./-");
        end = start + whole.Length;
        var seconds = start > 1 && text[start - 1] == ':' && text.IsDigit(start - 2);
        var isPlain = IsDate(whole) || IsAddress(whole) || (linked ? IsFraction(whole) : IsVersion(whole) || IsDecimal(whole, seconds));
        return isPlain ? Finding.Yes : Finding.No;
    }

    private static bool IsJoint(char c) => c is '.' or '-' or '/';

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

    /// <summary>Four numbers up to 255; but four of two digits each are how some countries write telephone numbers.</summary>
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

    /// <summary>Numbers between two dots or more, with fewer digits than any telephone number has.</summary>
    private static bool IsVersion(ReadOnlySpan<char> number) =>
        !number.ContainsAny('-', '/') && number.Count('.') >= 2 && number.Length - number.Count('.') <= 6;

    /// <summary>Digits, a dot and digits; but after a zero and more digits, an area code, unless they are seconds.</summary>
    private static bool IsDecimal(ReadOnlySpan<char> number, bool seconds)
    {
        Span<Range> parts = stackalloc Range[3];
        if (number.ContainsAny('-', '/') || number.Split(parts, '.') != 2) return false;
        var whole = number[parts[0]];
        return seconds || whole.Length == 1 || whole[0] != '0';
    }

    /// <summary>A small number with so many decimals that it is no end of a telephone number.</summary>
    private static bool IsFraction(ReadOnlySpan<char> number) => number.IndexOf('.') is 1 or 2 && number.Length > 5 && IsDecimal(number, seconds: true);

    private static int Parse(ReadOnlySpan<char> digits) =>
        digits.Length <= 4 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : -1;
}
