using System.Reflection;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Makes a plugin's options record, in the plugin's load context, of values that have been read.</summary>
internal static class OptionsFactory
{
    /// <exception cref="Exception">Whatever the record's constructor throws.</exception>
    public static object Create(Type record, OptionValues values)
    {
        var constructor = PrimaryConstructor(record)
            ?? throw new InvalidOperationException($"{record.FullName} has no public constructor.");
        var arguments = constructor.GetParameters().Select(p => ToClr(p.ParameterType, values.Members[p.Name!]));
        return constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, [.. arguments], null);
    }

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
            string word when type.IsEnum => Enum.Parse(type, word),
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

    private static System.Collections.IDictionary ToMap(Type element, Dictionary<string, object?> values)
    {
        var type = typeof(Dictionary<,>).MakeGenericType(typeof(string), element);
        var map = (System.Collections.IDictionary)Activator.CreateInstance(type)!;
        foreach (var (name, value) in values) map.Add(name, ToClr(element, value));
        return map;
    }
}
