using System.Globalization;
using System.Text.Json;

namespace PluginHost.Http.Binding;

/// <summary>
/// Reads the fields of one JSON object strictly. Every field is asked for by name; what is wrong goes to the errors, and the
/// reading goes on. <see cref="End"/> reports the fields that nobody asked for. A null counts as left out.
/// </summary>
internal sealed class BodyReader
{
    /// <summary>Codes of <c>Code</c>.</summary>
    public const string Missing = "missing_required_parameter", Unknown = "unknown_parameter", WrongKind = "invalid_type";

    private readonly string _path;
    private readonly List<string> _known = new(8);
    private readonly Field[] _fields;

    public BodyReader(JsonElement body, string path, InputErrors errors)
    {
        (_path, Errors) = (path, errors);
        // Read once: asking the document for every name that there might be costs more than all else.
        _fields = new Field[body.GetPropertyCount()];
        var index = 0;
        foreach (var property in body.EnumerateObject()) _fields[index++] = new Field { Name = property.Name, Value = property.Value };
    }

    public InputErrors Errors { get; }

    public string PathOf(string name) => InputErrors.Join(_path, name);

    /// <summary>The value of a field, of whatever type.</summary>
    /// <returns>Whether the field is there and not null.</returns>
    public bool TryGet(string name, out JsonElement value)
    {
        _known.Add(name);
        value = default;
        for (var i = _fields.Length - 1; i >= 0; i--)
        {
            if (_fields[i].Name != name) continue;
            _fields[i].IsKnown = true;
            if (value.ValueKind == JsonValueKind.Undefined) value = _fields[i].Value;
        }

        return value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);
    }

    /// <summary>The value of a field that has to be there.</summary>
    public bool TryGetRequired(string name, string allowed, out JsonElement value)
    {
        if (TryGet(name, out value)) return true;
        Errors.Add(PathOf(name), "The field is required.", allowed, Missing);
        return false;
    }

    public string? Text(string name) => TryGet(name, out var value) ? AsText(name, value) : null;

    public string? RequiredText(string name) => TryGetRequired(name, "string", out var value) ? AsText(name, value) : null;

    /// <summary>Text that takes one of the values.</summary>
    /// <returns>One of them; null when the field is wrong or missing.</returns>
    public string? RequiredOneOf(string name, IReadOnlyList<string> values)
    {
        if (TryGet(name, out var value) && value.ValueKind == JsonValueKind.String)
        {
            for (var i = 0; i < values.Count; i++)
            {
                if (value.ValueEquals(values[i])) return values[i];
            }
        }

        var allowed = string.Join(", ", values);
        if (value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined) Errors.Add(PathOf(name), "The field is required.", allowed, Missing);
        else if (value.ValueKind == JsonValueKind.String) Errors.Add(PathOf(name), "The value is not known.", allowed);
        else WrongType(PathOf(name), value, allowed);
        return null;
    }

    public string? Id(string name) => Errors.CheckId(Text(name), PathOf(name));

    public bool? Flag(string name)
    {
        if (!TryGet(name, out var value)) return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        WrongType(PathOf(name), value, "true or false");
        return null;
    }

    public double? Number(string name, double least, double most)
    {
        if (!TryGet(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number >= least && number <= most) return number;
        WrongNumber(name, value, string.Create(CultureInfo.InvariantCulture, $"a number from {least} to {most}"));
        return null;
    }

    public int? Integer(string name, int least, int most)
    {
        if (!TryGet(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most) return number;
        WrongNumber(name, value, string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"));
        return null;
    }

    public long? Long(string name)
    {
        if (!TryGet(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)) return number;
        WrongNumber(name, value, "a whole number of 64 bits");
        return null;
    }

    public DateTime? Time(string name)
    {
        if (!TryGet(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time)) return time.UtcDateTime;
        Errors.Add(PathOf(name), "This is not a time.", "RFC 3339, for example 2026-01-31T12:00:00Z");
        return null;
    }

    /// <summary>An object of any shape.</summary>
    public JsonElement? Object(string name)
    {
        if (!TryGet(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.Object) return value;
        WrongType(PathOf(name), value, "object");
        return null;
    }

    /// <summary>A reader for an object with fields of its own.</summary>
    public BodyReader? Nested(string name) => Object(name) is { } value ? new BodyReader(value, PathOf(name), Errors) : null;

    /// <summary>Each element of a list of objects, read by a function that returns null for a wrong one.</summary>
    public List<T>? Each<T>(string name, Func<BodyReader, T?> read)
        where T : class
    {
        if (!TryGet(name, out var value)) return null;
        if (value.ValueKind != JsonValueKind.Array)
        {
            WrongType(PathOf(name), value, "list");
            return null;
        }

        return ReadEach(value, PathOf(name), read, Errors);
    }

    public static List<T> ReadEach<T>(JsonElement list, string path, Func<BodyReader, T?> read, InputErrors errors)
        where T : class
    {
        var items = new List<T>(list.GetArrayLength());
        var index = 0;
        foreach (var element in list.EnumerateArray())
        {
            var at = InputErrors.At(path, index++);
            if (element.ValueKind != JsonValueKind.Object) errors.Add(at, $"This is {JsonKinds.Name(element)}.", "object", WrongKind);
            else if (read(new BodyReader(element, at, errors)) is { } item) items.Add(item);
        }

        return items;
    }

    /// <summary>Reports every field that was not asked for.</summary>
    public void End()
    {
        foreach (var field in _fields)
        {
            if (!field.IsKnown) Errors.Add(PathOf(field.Name), "The field is not known.", string.Join(", ", _known.Distinct()), Unknown);
        }
    }

    public void WrongType(string at, JsonElement value, string allowed) => Errors.Add(at, $"This is {JsonKinds.Name(value)}.", allowed, WrongKind);

    private string? AsText(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        WrongType(PathOf(name), value, "string");
        return null;
    }

    private void WrongNumber(string name, JsonElement value, string allowed)
    {
        if (value.ValueKind == JsonValueKind.Number) Errors.Add(PathOf(name), "The number is out of range.", allowed);
        else WrongType(PathOf(name), value, allowed);
    }

    private struct Field
    {
        public string Name;
        public JsonElement Value;
        public bool IsKnown;
    }
}
