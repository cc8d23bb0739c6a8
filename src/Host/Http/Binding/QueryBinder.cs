using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace PluginHost.Http.Binding;

/// <summary>Binds the query of a request to a record, by the rules of bodies.</summary>
internal static class QueryBinder
{
    private static readonly JsonElement Empty = JsonElement.Parse("{}"u8);

    /// <param name="context">The request.</param>
    /// <param name="errors">Collects.</param>
    /// <param name="isLenient">Whether unknown and empty parameters are ignored; otherwise they are errors.</param>
    public static T Bind<T>(HttpContext context, InputErrors errors, bool isLenient = false)
        where T : class
    {
        var (type, query) = (BodyType.For(typeof(T)), context.Request.Query);
        return (T)type.Read(query.Count == 0 ? Empty : ToJson(query, type, errors, isLenient), errors)!;
    }

    private static JsonElement ToJson(IQueryCollection query, BodyType type, InputErrors errors, bool isLenient)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        foreach (var map in type.Fields.Where(f => f.Type == typeof(IReadOnlyDictionary<string, string>))) WriteMap(json, map, query, errors);
        foreach (var (name, values) in query)
        {
            if (type.Fields.Any(f => KeyOf(f, name) is not null)) continue;
            var field = type.Fields.FirstOrDefault(f => f.Name == name);
            if (isLenient && (field is null || values.ToString().Length == 0)) continue;
            if (field is null) errors.Add(name, "Unknown query parameter.", type.Fields.Count == 0 ? "none" : string.Join(", ", type.Fields.Select(f => f.Name)));
            else if (values.Count > 1) errors.Add(name, "Must not be given more than once.");
            else if (!TryWrite(json, field, values.ToString())) errors.Add(name, $"Expected {field.Reader.Allowed}.", field.Reader.Allowed);
        }

        json.WriteEndObject();
        json.Flush();
        return JsonElement.Parse(buffer.WrittenSpan);
    }

    /// <summary>Parameters that each name one key of a field: <c>metadata[key]</c>, as OpenAPI writes it, or <c>metadata.key</c>.</summary>
    private static void WriteMap(Utf8JsonWriter json, BodyField field, IQueryCollection query, InputErrors errors)
    {
        var given = query.Where(p => KeyOf(field, p.Key) is not null).ToList();
        if (given.Count == 0) return;
        json.WriteStartObject(field.Name);
        foreach (var values in given.GroupBy(p => KeyOf(field, p.Key)!, p => p.Value))
        {
            if (values.Sum(v => v.Count) > 1) errors.Add($"{field.Name}.{values.Key}", "Must not be given more than once.");
            else json.WriteString(values.Key, values.First().ToString());
        }

        json.WriteEndObject();
    }

    private static string? KeyOf(BodyField field, string name)
    {
        if (field.Type != typeof(IReadOnlyDictionary<string, string>) || !name.StartsWith(field.Name, StringComparison.Ordinal)) return null;
        var rest = name.AsSpan(field.Name.Length);
        return rest is ['.', ..] ? rest[1..].ToString() : rest is ['[', .., ']'] ? rest[1..^1].ToString() : null;
    }

    /// <summary>Converts the text of a parameter to a value of the field's type.</summary>
    private static bool TryWrite(Utf8JsonWriter json, BodyField field, string text)
    {
        if (field.Type == typeof(string)) json.WriteString(field.Name, text);
        else if (field.Type == typeof(bool) && text is "true" or "false") json.WriteBoolean(field.Name, text == "true");
        else if (field.Type == typeof(int) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) json.WriteNumber(field.Name, number);
        else return false;
        return true;
    }
}

/// <summary>The query of an endpoint that takes none.</summary>
internal sealed record NoQuery;

/// <summary>The record of an endpoint's query, as endpoint metadata.</summary>
internal sealed record QueryType(Type Type);
