using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>
/// Reads validation attributes from metadata and checks values itself: the framework's own validator runs plugin code, and
/// keeps load contexts alive.
/// </summary>
internal static class OptionRules
{
    private const string Supported =
        "Supported are [Range], [Required], [AllowedValues], [MinLength], [MaxLength], [StringLength] and [RegularExpression].";

    public static IReadOnlyList<OptionRule> Read(IEnumerable<CustomAttributeData> attributes, OptionType type, Action<string, string> defect)
    {
        var rules = new List<OptionRule>();
        foreach (var attribute in attributes.Where(a => IsValidation(a.AttributeType)))
        {
            var name = attribute.AttributeType.Name.Replace("Attribute", "", StringComparison.Ordinal);
            if (Read(attribute, type) is { } rule) rules.Add(rule);
            else defect($"has the attribute [{name}], which the host cannot check here.", Supported);
        }

        return rules;
    }

    /// <summary>The value of a <c>[DefaultValue]</c>; null when there is none.</summary>
    public static object? Default(IEnumerable<CustomAttributeData> attributes)
    {
        var attribute = attributes.FirstOrDefault(a => a.AttributeType.FullName == typeof(DefaultValueAttribute).FullName);
        return attribute?.ConstructorArguments[^1] is { } given ? NameOfConstant(given.ArgumentType, given.Value) : null;
    }

    /// <summary>The name of an enum's constant; another value as it is.</summary>
    public static object? NameOfConstant(Type type, object? value) => type.IsEnum && value is not null
        ? type.GetFields(BindingFlags.Public | BindingFlags.Static).FirstOrDefault(f => Equals(f.GetRawConstantValue(), value))?.Name ?? value
        : value;

    private static OptionRule? Read(CustomAttributeData attribute, OptionType type)
    {
        var arguments = attribute.ConstructorArguments;
        return attribute.AttributeType.FullName switch
        {
            "System.ComponentModel.DataAnnotations.RangeAttribute" => Range(attribute, type),
            "System.ComponentModel.DataAnnotations.RequiredAttribute" => new("not empty", v => v is not string text || text.Trim().Length > 0),
            "System.ComponentModel.DataAnnotations.AllowedValuesAttribute" => AllowedValues(arguments, type),
            "System.ComponentModel.DataAnnotations.MinLengthAttribute" => MinLength((int)arguments[0].Value!, type),
            "System.ComponentModel.DataAnnotations.MaxLengthAttribute" when arguments.Count == 1 => MaxLength((int)arguments[0].Value!, type),
            "System.ComponentModel.DataAnnotations.StringLengthAttribute" => StringLength(attribute, type),
            "System.ComponentModel.DataAnnotations.RegularExpressionAttribute" => Pattern((string)arguments[0].Value!, type),
            _ => null,
        };
    }

    private static OptionRule? Range(CustomAttributeData attribute, OptionType type)
    {
        var bounds = attribute.ConstructorArguments.TakeLast(2)
            .Select(a => Scalar.Parse(Convert.ToString(a.Value, CultureInfo.InvariantCulture)!, RangeKind(type))).ToList();
        if (type.Shape != OptionShape.Scalar || bounds is not [IComparable min, IComparable max]) return null;
        var openMin = Flag(attribute, nameof(RangeAttribute.MinimumIsExclusive));
        var openMax = Flag(attribute, nameof(RangeAttribute.MaximumIsExclusive));
        var culture = CultureInfo.InvariantCulture;
        var description = string.Create(culture, $"{(openMin ? "more than " : "")}{min} to {(openMax ? "less than " : "")}{max}");
        return new(description, v => IsAbove(v) && IsBelow(v));

        bool IsAbove(object value) => Compare(value, min) is var order && (openMin ? order > 0 : order >= 0);

        bool IsBelow(object value) => Compare(value, max) is var order && (openMax ? order < 0 : order <= 0);

        static int Compare(object value, IComparable bound) =>
            -bound.CompareTo(bound is TimeSpan ? value : Convert.ToDouble(value, CultureInfo.InvariantCulture));
    }

    // Numbers of every kind are compared as doubles, because bounds come as whole numbers for any of them.
    private static ScalarKind RangeKind(OptionType type) => type.Scalar is ScalarKind.Duration ? ScalarKind.Duration : ScalarKind.Double;

    private static OptionRule? AllowedValues(IList<CustomAttributeTypedArgument> arguments, OptionType type)
    {
        if (type.Shape != OptionShape.Scalar) return null;
        if (arguments is not [{ Value: IReadOnlyCollection<CustomAttributeTypedArgument> values }]) return null;
        var texts = values.Where(v => v.Value is not null).Select(v => Convert.ToString(v.Value, CultureInfo.InvariantCulture)!).ToList();
        var allowed = texts.Select(t => Scalar.Parse(t, type.Scalar)).ToList();
        return new(string.Join(" or ", texts), allowed.Contains);
    }

    private static OptionRule? MinLength(int min, OptionType type) =>
        HasLength(type) ? new($"at least {min} {Unit(type)}", v => Length(v) >= min) : null;

    private static OptionRule? MaxLength(int max, OptionType type) =>
        HasLength(type) ? new($"at most {max} {Unit(type)}", v => Length(v) <= max) : null;

    private static OptionRule? StringLength(CustomAttributeData attribute, OptionType type)
    {
        var max = (int)attribute.ConstructorArguments[0].Value!;
        var minimum = attribute.NamedArguments.FirstOrDefault(a => a.MemberName == nameof(StringLengthAttribute.MinimumLength));
        var min = minimum.TypedValue.Value as int? ?? 0;
        return HasLength(type) ? new($"{min} to {max} {Unit(type)}", v => Length(v) >= min && Length(v) <= max) : null;
    }

    private static OptionRule? Pattern(string pattern, OptionType type)
    {
        if (type is not { Shape: OptionShape.Scalar, Scalar: ScalarKind.Text }) return null;
        var regex = new Regex($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        return new($"text that matches {pattern}", v => IsMatch((string)v));

        bool IsMatch(string text)
        {
            try
            {
                return regex.IsMatch(text);
            }
            catch (RegexMatchTimeoutException)
            {
                // A value that takes so long to match is not what the plugin's author had in mind.
                return false;
            }
        }
    }

    private static bool HasLength(OptionType type) =>
        type.Shape is OptionShape.List or OptionShape.Map || type is { Shape: OptionShape.Scalar, Scalar: ScalarKind.Text };

    private static string Unit(OptionType type) => type.Shape == OptionShape.Scalar ? "characters" : "elements";

    private static int Length(object value) => value is string text ? text.Length : ((ICollection)value).Count;

    private static bool Flag(CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(a => a.MemberName == name).TypedValue.Value is true;

    private static bool IsValidation(Type? type)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (type.FullName == typeof(ValidationAttribute).FullName) return true;
        }

        return false;
    }
}
