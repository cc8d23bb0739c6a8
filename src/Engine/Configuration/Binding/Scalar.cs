using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>The types of single values.</summary>
internal enum ScalarKind
{
    Text,
    Boolean,
    Int32,
    Int64,
    Single,
    Double,
    Decimal,

    /// <summary>An absolute address.</summary>
    Address,

    /// <summary>Date, time and offset by ISO 8601.</summary>
    Time,
    Guid,

    /// <summary>Text with a unit, <c>500ms</c>, <c>30s</c>, <c>5m</c>, <c>2h</c>, <c>1d</c>, or <c>[d.]hh:mm:ss[.fff]</c>.</summary>
    Duration,
}

/// <summary>Reads single values strictly: a value of the file has the right JSON type, a value that came as text is parsed.</summary>
internal static class Scalar
{
    /// <summary>What a kind allows, for error messages and listings.</summary>
    public static string Describe(ScalarKind kind) => kind switch
    {
        ScalarKind.Text => "text",
        ScalarKind.Boolean => "true or false",
        ScalarKind.Int32 or ScalarKind.Int64 => "a whole number",
        ScalarKind.Single or ScalarKind.Double or ScalarKind.Decimal => "a number",
        ScalarKind.Address => "an absolute address such as \"https://example.com/\"",
        ScalarKind.Time => "a time with its offset such as \"2026-01-31T08:00:00Z\"",
        ScalarKind.Guid => "a GUID such as \"01234567-89ab-cdef-0123-456789abcdef\"",
        _ => "a duration such as \"500ms\", \"30s\", \"5m\", \"2h\" or \"00:00:30\"",
    };

    /// <summary>Reads a value.</summary>
    /// <param name="node">The value, not null.</param>
    /// <param name="isText">Whether it came from the environment or the command line.</param>
    /// <param name="kind">What is needed.</param>
    /// <param name="value">Of the type that <paramref name="kind"/> is named for; a duration is a <see cref="TimeSpan"/>.</param>
    public static bool TryRead(JsonNode node, bool isText, ScalarKind kind, out object value)
    {
        value = "";
        if (node is not JsonValue json) return false;
        object? read = json.GetValueKind() switch
        {
            JsonValueKind.String when kind is ScalarKind.Text => json.GetValue<string>(),
            JsonValueKind.String when isText || IsWrittenAsText(kind) => Parse(json.GetValue<string>(), kind),
            JsonValueKind.True when kind is ScalarKind.Boolean => true,
            JsonValueKind.False when kind is ScalarKind.Boolean => false,
            JsonValueKind.Number when kind is ScalarKind.Int32 or ScalarKind.Int64 or ScalarKind.Single or ScalarKind.Double or ScalarKind.Decimal =>
                Parse(json.ToJsonString(), kind),
            _ => null,
        };
        value = read ?? value;
        return read is not null;
    }

    /// <summary>Parses text; null when it is not of the kind.</summary>
    public static object? Parse(string text, ScalarKind kind)
    {
        var culture = CultureInfo.InvariantCulture;
        return kind switch
        {
            ScalarKind.Text => text,
            ScalarKind.Boolean when bool.TryParse(text, out var v) => v,
            ScalarKind.Int32 when int.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var v) => v,
            ScalarKind.Int64 when long.TryParse(text, NumberStyles.AllowLeadingSign, culture, out var v) => v,
            ScalarKind.Single when float.TryParse(text, NumberStyles.Float, culture, out var v) && float.IsFinite(v) => v,
            ScalarKind.Double when double.TryParse(text, NumberStyles.Float, culture, out var v) && double.IsFinite(v) => v,
            ScalarKind.Decimal when decimal.TryParse(text, NumberStyles.Float, culture, out var v) => v,
            ScalarKind.Address when Uri.TryCreate(text, UriKind.Absolute, out var v) && HasScheme(text) => v,
            ScalarKind.Time when HasOffset(text) && DateTimeOffset.TryParseExact(text, TimeForms, culture, DateTimeStyles.None, out var v) => v,
            ScalarKind.Guid when Guid.TryParseExact(text, "D", out var v) => v,
            not ScalarKind.Duration => null,
            _ => ParseDuration(text, culture),
        };
    }

    private static TimeSpan? ParseDuration(string text, CultureInfo culture)
    {
        var digits = text.AsSpan().IndexOfAnyExcept(AmountCharacters);
        if (digits > 0 && double.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, culture, out var amount))
        {
            foreach (var (unit, milliseconds) in Units)
            {
                if (text[digits..] == unit)
                    return amount * milliseconds < TimeSpan.MaxValue.TotalMilliseconds ? TimeSpan.FromMilliseconds(amount * milliseconds) : null;
            }
        }

        // Only with colons: a bare "30" would be 30 days.
        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, culture, out var span) ? span : null;
    }

    /// <summary>A value in the form that <see cref="Parse"/> takes; durations in the largest unit that fits.</summary>
    public static string Format(IComparable value)
    {
        var culture = CultureInfo.InvariantCulture;
        if (value is DateTimeOffset time) return time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", culture);
        if (value is not TimeSpan span) return Convert.ToString(value, culture)!;
        var (unit, milliseconds) = Units.FirstOrDefault(u => span != TimeSpan.Zero && span.TotalMilliseconds % u.Milliseconds == 0, Units[^2]);
        return string.Create(culture, $"{span.TotalMilliseconds / milliseconds}{unit}");
    }

    /// <summary>Whether a text of the file would be a value without its quotes.</summary>
    public static bool IsQuoted(JsonNode text, ScalarKind kind) =>
        !IsWrittenAsText(kind) && Parse(text.GetValue<string>(), kind) is not null;

    private static bool IsWrittenAsText(ScalarKind kind) =>
        kind is ScalarKind.Text or ScalarKind.Duration or ScalarKind.Address or ScalarKind.Time or ScalarKind.Guid;

    // Without one, the time would depend on the machine's zone.
    private static bool HasOffset(string text) => text is [.., 'Z'] or [.., '+' or '-', _, _, ':', _, _];

    // A path of Unix would be an address of a file.
    private static bool HasScheme(string text) => text.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && !text.AsSpan(0, colon).Contains('/');

    /// <summary>Whether a name sounds like that of a secret, whose value is not shown.</summary>
    public static bool IsSecret(string name) => SecretWords.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>A value for an error message, shortened.</summary>
    public static string Show(JsonNode? node)
    {
        var text = node is null ? "null" : node.ToJsonString(Readable);
        return text.Length <= 60 ? text : $"{text[..57]}...";
    }

    private static readonly SearchValues<char> AmountCharacters = SearchValues.Create("0123456789.");

    private static readonly (string Unit, double Milliseconds)[] Units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

    private static readonly string[] TimeForms = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK"];

    private static readonly string[] SecretWords = ["key", "secret", "password", "token", "credential", "connectionstring"];

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
