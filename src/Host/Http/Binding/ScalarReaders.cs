using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json;

namespace PluginHost.Http.Binding;

/// <summary>Readers of text, numbers, times and flags.</summary>
internal static class ScalarReaders
{
    public static ValueReader Flag { get; } = new("true or false", static (value, errors) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : errors.WrongType(value, "true or false"));

    public static ValueReader Time { get; } = new("a time", static (value, errors) =>
    {
        if (value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time)) return time.UtcDateTime;
        errors.Add("", "This is not a time.", "RFC 3339, for example 2026-01-31T12:00:00Z");
        return null;
    });

    public static ValueReader Text(IReadOnlyList<Attribute> attributes)
    {
        if (attributes.OfType<AllowedTextAttribute>().FirstOrDefault() is { } choice)
            return Choice(choice.Values, [.. attributes.OfType<RefusesAttribute>()]);
        TextRuleAttribute[] rules = [.. attributes.OfType<TextRuleAttribute>()];
        var length = Limits.From(attributes, "character");
        return new ValueReader("string", (value, errors) =>
        {
            if (value.ValueKind != JsonValueKind.String) return errors.WrongType(value, "string");
            var text = value.GetString()!;
            return length.Check(text.Length, errors) && FollowsAll(rules, text, errors) ? text : null;
        });
    }

    private static bool FollowsAll(TextRuleAttribute[] rules, string text, InputErrors errors)
    {
        foreach (var rule in rules)
        {
            if (!rule.Check(text, errors)) return false;
        }

        return true;
    }

    public static ValueReader Number(Type type, IReadOnlyList<Attribute> attributes)
    {
        var range = attributes.OfType<RangeAttribute>().FirstOrDefault();
        var least = range is null ? double.MinValue : Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture);
        var most = range is null ? double.MaxValue : Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture);
        var allowed = (type == typeof(double) ? "a number" : "a whole number")
            + (range is null ? "" : string.Create(CultureInfo.InvariantCulture, $" from {least} to {most}"));
        return new ValueReader(allowed, (value, errors) =>
        {
            if (value.ValueKind != JsonValueKind.Number) return errors.WrongType(value, allowed);
            if (Parse(value, type) is { } number && Convert.ToDouble(number, CultureInfo.InvariantCulture) is var size && size >= least && size <= most)
                return number;
            errors.Add("", "The number is out of range.", allowed);
            return null;
        });
    }

    private static ValueReader Choice(string[] values, RefusesAttribute[] refused)
    {
        var allowed = string.Join(", ", values);
        return new ValueReader(allowed, (value, errors) =>
        {
            if (value.ValueKind != JsonValueKind.String) return errors.WrongType(value, allowed);
            if (Array.Find(values, v => value.ValueEquals(v)) is { } found) return found;
            if (Array.Find(refused, r => value.ValueEquals(r.Name)) is { } one) errors.AddUnsupported("", one.Supported);
            else errors.Add("", "Unknown value.", allowed);
            return null;
        });
    }

    private static object? Parse(JsonElement value, Type type)
    {
        if (type == typeof(int)) return value.TryGetInt32(out var small) ? small : null;
        if (type == typeof(long)) return value.TryGetInt64(out var large) ? large : null;
        return value.TryGetDouble(out var real) ? real : null;
    }
}
