using CsCheck;

namespace PluginHost.Redaction.Tests;

/// <summary>Generates texts of plain words and items to mask, with the expected masked texts.</summary>
internal static class MaskSamples
{
    /// <summary>Formats of telephone numbers. Each 9 is replaced by a random digit.</summary>
    private static readonly string[] PhoneFormats =
    [
        "+1 999 999 9999", "+1-999-999-9999", "(999) 999-9999", "999-999-9999", "999.999.9999", "1-800-999-9999", "999-9999", // North America
        "+49 30 9999999", "030 9999999", "030/9999999", "0151-99999999", "+49 (0)151 99999999", "0049 89 999999", "030 / 99 99 99-0", // Germany
        "+44 20 7999 9999", "020 7999 9999", "07999 999999", "(020) 7999 9999", // United Kingdom
        "+33 1 99 99 99 99", "01 99 99 99 99", "01.99.99.99.99", "0199999999", // France
        "+34 699 999 999", "699 999 999", "699999999", // Spain
        "+39 06 9999 9999", "06 9999 9999", "349 999 9999", // Italy
        "+41 44 999 99 99", "044 999 99 99", "+43 1 9999999", "0664/9999999", // Switzerland, Austria
        "+31 20 999 9999", "020-9999999", "06-99999999", // Netherlands
        "+46 8 999 999 99", "08-999 999 99", "+47 99 99 99 99", "99 99 99 99", "+45 99 99 99 99", // Scandinavia
        "+48 22 999 99 99", "22 999 99 99", "+420 999 999 999", "+7 (999) 999-99-99", "8 (999) 999-99-99", // Eastern Europe
        "+81 3-9999-9999", "03-9999-9999", "090-9999-9999", "+86 139 9999 9999", "13999999999", "+91 99999 99999", "99999 99999", // Asia
        "+61 2 9999 9999", "(02) 9999 9999", "0499 999 999", "+64 21 999 999", // Australia, New Zealand
        "+55 (11) 99999-9999", "(11) 99999-9999", "+52 55 9999 9999", "+27 82 999 9999", "+972 52-999-9999", "+971 50 999 9999",
    ];

    private static readonly string[] Words =
    [
        "please", "call", "me", "at", "or", "write", "to", "the", "office", "in", "room", "today,", "before", "9 am.", "It", "costs", "42 euros", "(about",
        "7%)", "on", "2024-01-15", "v1.2.3", "-", "ünïcödé", "日本", "\n", "a@b", "TCK-12;", "see", "[link]", "192.168.100.1", "3.14159265", "2019-2023",
    ];

    private static readonly Gen<(string Text, string Expected)> Word = Gen.OneOf(Words).Select(w => (w, w));

    /// <summary>
    /// Adjacent numbers may be one number, so the separators keep digits of items and words apart.
    /// </summary>
    private static readonly Gen<(string Text, string Expected)> Item =
        Gen.Select(Gen.OneOf(Email, Phone, Card, Ticket), Gen.OneOf("<{0}>", "\"{0}\",", "is {0} yes", "is {0}; no", "tel:{0}!"))
            .Select(t => (string.Format(null, t.Item2, t.Item1.Item), string.Format(null, t.Item2, $"[{t.Item1.Name}]")));

    public static Gen<(string Text, string Expected)> Text { get; } =
        Gen.Frequency((3, Word), (2, Item)).Array[0, 12].Select(parts => (string.Join(' ', parts.Select(p => p.Text)), string.Join(' ', parts.Select(p => p.Expected))));

    private static Gen<(string Item, string Name)> Email => Gen.Select(
        Gen.OneOf("john", "j.doe+tag", "o'brien", "a_b-c%d", "müller", "007", "x"),
        Gen.OneOf("example.com", "mail.example.co.uk", "x-1.museum", "münchen.example", "123.example")).Select(t => ($"{t.Item1}@{t.Item2}", "email"));

    private static Gen<(string Item, string Name)> Phone => Gen.Select(Gen.OneOf(PhoneFormats), Gen.Int[2, 9].Array[16]).Select(t =>
    {
        var next = 0;
        return (string.Concat(t.Item1.Select(c => c == '9' ? (char)('0' + t.Item2[next++]) : c)), "phone");
    });

    private static Gen<(string Item, string Name)> Card => Gen.Select(
        Gen.OneOf("9999 9999 9999 9999", "9999-9999-9999-9999", "9999999999999999", "9999 999999 99999", "9999 9999 9999 9", "9999 9999 9999 9999 999"),
        Gen.Int[2, 9].Array[20]).Select(t => (WithCheckDigit(t.Item1, t.Item2), "card"));

    private static Gen<(string Item, string Name)> Ticket => Gen.Int[100_000, 999_999].Select(n => ($"TCK-{n}", "ticket"));

    private static string WithCheckDigit(string format, int[] digits)
    {
        var next = 0;
        var body = string.Concat(format.Select(c => c == '9' ? (char)('0' + digits[next++]) : c))[..^1];
        return body + "0123456789".First(check => Luhn(body + check) % 10 == 0);
    }

    private static int Luhn(string number) =>
        number.Where(char.IsDigit).Reverse().Select((c, i) => (c - '0') * (i % 2 == 0 ? 1 : 2)).Sum(n => n > 9 ? n - 9 : n);
}
