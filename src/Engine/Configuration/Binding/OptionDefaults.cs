using System.ComponentModel;
using System.Globalization;
using System.Reflection;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Reads the default of an option from metadata.</summary>
internal static class OptionDefaults
{
    /// <summary>Reads a <c>[DefaultValue]</c>, or else the parameter's constant, as text.</summary>
    public static bool TryRead(ParameterInfo parameter, IEnumerable<CustomAttributeData> attributes, out string? text)
    {
        if (TryRead(attributes, out text)) return true;
        if (!parameter.HasDefaultValue) return false;
        var type = parameter.ParameterType;
        var isNullable = type.IsGenericType && type.GetGenericTypeDefinition().FullName == typeof(Nullable<>).FullName;
        text = TextOf(isNullable ? type.GetGenericArguments()[0] : type, parameter.RawDefaultValue);
        return true;
    }

    /// <summary>Reads a <c>[DefaultValue]</c> as text.</summary>
    public static bool TryRead(IEnumerable<CustomAttributeData> attributes, out string? text)
    {
        var attribute = attributes.FirstOrDefault(a => a.AttributeType.FullName == typeof(DefaultValueAttribute).FullName);
        text = attribute?.ConstructorArguments[^1] is { } given ? TextOf(given.ArgumentType, given.Value) : null;
        return text is not null;
    }

    /// <summary>The default as a value; null when the text is null or not of the type.</summary>
    public static object? Parse(string? text, OptionType type) => type.Shape switch
    {
        OptionShape.Choice => type.Choices.FirstOrDefault(c => c.Equals(text, StringComparison.OrdinalIgnoreCase)),
        OptionShape.Scalar when text is not null => Scalar.Parse(text, type.Scalar),

        // A default of a struct, such as "TimeSpan timeout = default", is null in metadata.
        OptionShape.Scalar when !type.IsNullable => type.Scalar switch
        {
            ScalarKind.Duration => TimeSpan.Zero,
            ScalarKind.Time => default(DateTimeOffset),
            ScalarKind.Guid => Guid.Empty,
            var kind => Scalar.Parse("0", kind),
        },
        _ => null,
    };

    private static string? TextOf(Type type, object? value)
    {
        if (value is null) return null;
        var constants = type.IsEnum ? type.GetFields(BindingFlags.Public | BindingFlags.Static) : [];
        return Array.Find(constants, f => Equals(f.GetRawConstantValue(), value))?.Name ?? Convert.ToString(value, CultureInfo.InvariantCulture);
    }
}
