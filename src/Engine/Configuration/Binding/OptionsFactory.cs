using System.Collections;
using System.Reflection;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Creates an options record, in the plugin's load context, from values that have been read.</summary>
internal static class OptionsFactory
{
    private static readonly OptionValues None = new(new Dictionary<string, object?>(), OptionsSection.Empty);

    /// <summary>Values go into the parameters of the constructor, and into other properties that are settings.</summary>
    /// <exception cref="Exception">Whatever the record's constructor throws.</exception>
    public static object Create(Type record, OptionValues values)
    {
        var constructor = PrimaryConstructor(record)
            ?? throw new InvalidOperationException($"{record.FullName} has no public constructor.");
        var members = values.Members;
        var parameters = constructor.GetParameters();
        var arguments = parameters.Select(p => members.TryGetValue(p.Name!, out var value) ? ToClr(p.ParameterType, value) : p.DefaultValue);
        var created = constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, [.. arguments], null);
        foreach (var property in Settings.From(record).ExceptBy(parameters.Select(p => p.Name), p => p.Name, StringComparer.OrdinalIgnoreCase))
        {
            if (members.TryGetValue(property.Name, out var value)) property.SetValue(created, ToClr(property.PropertyType, value));
        }

        return created is Settings settings ? settings with { Section = values.Section } : created;
    }

    /// <summary>A record of the host's settings with their defaults.</summary>
    public static object CreateDefault(Type settings) => Create(settings, None);

    /// <summary>The public constructor with the most parameters; null when there is none.</summary>
    public static ConstructorInfo? PrimaryConstructor(Type record) =>
        record.GetConstructors().MaxBy(c => c.GetParameters().Length);

    private static object? ToClr(Type type, object? value)
    {
        if (value is null) return null;
        type = Nullable.GetUnderlyingType(type) ?? type;
        return value switch
        {
            OptionValues section => Create(type, section),
            List<object?> list => ToList(type, list),
            Dictionary<string, object?> map => ToMap(type.GetGenericArguments()[1], map),
            string word when type.IsEnum => Enum.Parse(type, word, ignoreCase: true),
            _ => value,
        };
    }

    private static object ToList(Type type, List<object?> values)
    {
        var element = type.IsArray ? type.GetElementType()! : type.GetGenericArguments()[0];
        var array = Array.CreateInstance(element, values.Count);
        for (var i = 0; i < values.Count; i++) array.SetValue(ToClr(element, values[i]), i);
        return type.IsInstanceOfType(array) ? array : Activator.CreateInstance(typeof(List<>).MakeGenericType(element), array)!;
    }

    private static IDictionary ToMap(Type element, Dictionary<string, object?> values)
    {
        var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), element))!;
        foreach (var (name, value) in values) map.Add(name, ToClr(element, value));
        return map;
    }
}
