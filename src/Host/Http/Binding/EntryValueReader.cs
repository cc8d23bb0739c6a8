using System.Text.Json;
using PluginHost.Engine.Sessions.Store;

namespace PluginHost.Http.Binding;

/// <summary>Makes readers of objects whose keys the caller chooses.</summary>
internal static class EntryValueReader
{
    /// <param name="type">A dictionary of text, or of JSON objects.</param>
    /// <param name="entries">The limits of keys and values.</param>
    public static ValueReader For(Type type, EntriesAttribute entries)
    {
        var orNull = entries.OrNull ? " or null" : "";
        if (type.GenericTypeArguments[1] == typeof(JsonElement)) return For<JsonElement>(entries, Entry("object" + orNull, JsonValueKind.Object, static (value, errors) =>
        {
            errors.CheckDepth(value, JsonDepth.MaxScope);
            return value;
        }));
        var length = new Limits(0, entries.MaxLength, "character");
        return For<string>(entries, Entry("string" + orNull, JsonValueKind.String, (value, errors) =>
            value.GetString() is { } text && length.Check(text.Length, errors) ? text : null));
    }

    private static ValueReader Entry(string allowed, JsonValueKind kind, Func<JsonElement, InputErrors, object?> read) =>
        new(allowed, (value, errors) => value.ValueKind == kind ? read(value, errors) : errors.WrongType(value, allowed));

    private static ValueReader For<T>(EntriesAttribute entries, ValueReader entry)
    {
        var length = new Limits(entries.MinKeyLength, entries.MaxKeyLength, "character");
        var count = new Limits(0, entries.MaxCount, "pair");
        return new ValueReader("object", (value, errors) =>
        {
            if (value.ValueKind != JsonValueKind.Object) return errors.WrongType(value, "object");
            count.Check(value.GetPropertyCount(), errors);
            var read = new Dictionary<string, T?>(StringComparer.Ordinal);
            foreach (var property in value.EnumerateObject())
            {
                var key = property.Name;
                length.Check(key.Length, errors, InputErrors.NameOf(key));
                if (entries.OrNull && property.Value.ValueKind == JsonValueKind.Null) read[key] = default;
                else if (errors.Within(InputErrors.NameOf(key), entry, property.Value) is T one) read[key] = one;
            }

            return read;
        });
    }
}
