using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using PluginHost.Engine.Sessions.Store;

namespace PluginHost.Http.Binding;

/// <summary>Makes the readers of values from the types and attributes of fields.</summary>
internal static class ValueReaders
{
    /// <summary>Reads any value that is not too deep.</summary>
    internal static readonly ValueReader Anything = new("any JSON", static (value, errors) =>
    {
        errors.CheckDepth(value, JsonDepth.MaxValue);
        return value;
    });

    /// <summary>Returns a wrong value too, so that it does not count as left out.</summary>
    private static readonly ValueReader AnyObject = new("object", static (value, errors) =>
    {
        if (value.ValueKind != JsonValueKind.Object) errors.WrongType(value, "object");
        else errors.CheckDepth(value, JsonDepth.MaxValue);
        return value;
    });

    /// <param name="type">The type of the value, without nullability.</param>
    /// <param name="attributes">The attributes of the field.</param>
    public static ValueReader For(Type type, IReadOnlyList<Attribute> attributes)
    {
        if (type == typeof(string)) return ScalarReaders.Text(attributes);
        if (attributes.OfType<OrTextAttribute>().FirstOrDefault() is { } orText) return TextOr(type, attributes, orText);
        if (type == typeof(bool)) return ScalarReaders.Flag;
        if (type == typeof(int) || type == typeof(long) || type == typeof(double)) return ScalarReaders.Number(type, attributes);
        if (type == typeof(DateTime)) return ScalarReaders.Time;
        if (type == typeof(JsonElement)) return attributes.OfType<AnyObjectAttribute>().Any() ? AnyObject : Anything;
        if (attributes.OfType<EntriesAttribute>().FirstOrDefault() is { } entries) return EntryValueReader.For(type, entries);
        if (ElementOf(type) is { } element) return List(element, attributes);
        if (type.IsDefined(typeof(JsonPolymorphicAttribute), inherit: false)) return UnionValueReader.For(type);
        return new ValueReader("object", BodyType.For(type).Read);
    }

    private static bool IsForText(Attribute attribute) => attribute is TextRuleAttribute or AllowedTextAttribute or RefusesAttribute;

    private static Type? ElementOf(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GenericTypeArguments[0] : null;

    private static ValueReader List(Type element, IReadOnlyList<Attribute> attributes)
    {
        var item = For(element, [.. attributes.Where(IsForText)]);
        var (array, count) = (element.MakeArrayType(), Limits.From(attributes, "item"));
        return new ValueReader("list", (value, errors) =>
        {
            if (value.ValueKind != JsonValueKind.Array) return errors.WrongType(value, "list");
            var read = (object?[])Array.CreateInstanceFromArrayType(array, value.GetArrayLength());
            count.Check(read.Length, errors);
            var index = 0;
            foreach (var each in value.EnumerateArray())
            {
                // No more errors are reported, so the rest need not be read.
                if (errors.IsFull) break;
                read[index] = errors.Within(null, item, each, index);
                index++;
            }

            return read;
        });
    }

    /// <summary>Rules for text hold for the text, and for text in the list; limits hold for the list.</summary>
    private static ValueReader TextOr(Type type, IReadOnlyList<Attribute> attributes, OrTextAttribute orText)
    {
        var text = ScalarReaders.Text([.. attributes.Where(IsForText)]);
        var other = For(type, [.. attributes.Where(a => a is not OrTextAttribute)]);
        var element = ElementOf(type);
        var fromText = FromText(element ?? type);
        var allowed = $"{text.Allowed} or {other.Allowed}{(orText.Things is null ? "" : $" of {orText.Things}")}";
        return new ValueReader(allowed, (value, errors) =>
        {
            if (value.ValueKind == (element is null ? JsonValueKind.Object : JsonValueKind.Array)) return other.Read(value, errors);
            if (value.ValueKind != JsonValueKind.String) return errors.WrongType(value, allowed);
            if (text.Read(value, errors) is not string read) return null;
            if (element is null) return fromText(read);
            var list = (object?[])Array.CreateInstance(element, 1);
            list[0] = fromText(read);
            return list;
        });
    }

    private static Func<string, object> FromText(Type type) => type == typeof(string)
        ? static text => text
        : type.GetMethod("FromText", BindingFlags.Public | BindingFlags.Static)!.CreateDelegate<Func<string, object>>();
}
