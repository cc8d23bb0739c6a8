using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PluginHost.Sdk;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>
/// Reads validation attributes from metadata and checks values itself: the framework's validator runs plugin code, and keeps
/// load contexts alive.
/// </summary>
internal static class OptionRules
{
    private const string Supported =
        "Supported are [Range], [Required], [AllowedValues], [MinLength], [MaxLength], [StringLength], [RegularExpression] and [OptionPath].";

    /// <summary>The type with the rules of its attributes. What a list or map itself cannot have holds for its elements.</summary>
    public static OptionType Add(OptionType type, IEnumerable<CustomAttributeData> attributes, Action<string, string> defect)
    {
        foreach (var attribute in attributes.Where(a => IsValidation(a.AttributeType)))
        {
            if (Read(attribute, type) is { } rule) type = type with { Rules = [.. type.Rules, rule] };
            else if (type.Shape is OptionShape.List or OptionShape.Map && Read(attribute, type.Element!) is { } elementRule)
                type = type with { Element = type.Element! with { Rules = [.. type.Element.Rules, elementRule] } };
            else
                defect($"has the attribute [{attribute.AttributeType.Name.Replace("Attribute", "", StringComparison.Ordinal)}], which the host cannot check here.", Supported);
        }

        return type;
    }

    private static OptionRule? Read(CustomAttributeData attribute, OptionType type)
    {
        var arguments = attribute.ConstructorArguments;
        return attribute.AttributeType.FullName switch
        {
            "System.ComponentModel.DataAnnotations.RangeAttribute" => Range(attribute, type),
            "System.ComponentModel.DataAnnotations.RequiredAttribute" => OptionRule.From("not empty", v => v is not string text || text.Trim().Length > 0) with
            {
                CreateKeywords = () => IsText(type) ? [("pattern", @"\S")] : [],
            },
            "System.ComponentModel.DataAnnotations.AllowedValuesAttribute" => AllowedValues(arguments, type),
            "System.ComponentModel.DataAnnotations.MinLengthAttribute" => Length(type, (int)arguments[0].Value!, int.MaxValue, "at least {0} {2}"),
            "System.ComponentModel.DataAnnotations.MaxLengthAttribute" when arguments.Count == 1 => Length(type, 0, (int)arguments[0].Value!, "at most {1} {2}"),
            "System.ComponentModel.DataAnnotations.StringLengthAttribute" =>
                Length(type, Named(attribute, nameof(StringLengthAttribute.MinimumLength)) as int? ?? 0, (int)arguments[0].Value!, "{0} to {1} {2}"),
            "System.ComponentModel.DataAnnotations.RegularExpressionAttribute" => Pattern(attribute, type),
            _ when attribute.AttributeType.FullName == typeof(OptionPathAttribute).FullName && IsText(type) =>
                PathRule.Create(Named(attribute, nameof(OptionPathAttribute.Folder)) is true, Named(attribute, nameof(OptionPathAttribute.Writable)) is true),
            _ => null,
        };
    }

    private static bool IsText(OptionType type) => type is { Shape: OptionShape.Scalar, Scalar: ScalarKind.Text };

    private static OptionRule? Range(CustomAttributeData attribute, OptionType type)
    {
        var bounds = attribute.ConstructorArguments.TakeLast(2)
            .Select(a => Scalar.Parse(Convert.ToString(a.Value, CultureInfo.InvariantCulture)!, RangeKind(type))).ToList();
        if (type.Shape != OptionShape.Scalar || bounds is not [IComparable min, IComparable max]) return null;
        var openMin = Named(attribute, nameof(RangeAttribute.MinimumIsExclusive)) is true;
        var openMax = Named(attribute, nameof(RangeAttribute.MaximumIsExclusive)) is true;
        var description = openMin || openMax
            ? $"{(openMin ? "more than" : "at least")} {Scalar.Format(min)} and {(openMax ? "less than" : "at most")} {Scalar.Format(max)}"
            : $"{Scalar.Format(min)} to {Scalar.Format(max)}";
        return OptionRule.From(description, v => IsAbove(v) && IsBelow(v), "out of range") with
        {
            // Durations and times are text, for which JSON Schema has no order.
            CreateKeywords = () => min is double from && max is double to
                ? [(openMin ? "exclusiveMinimum" : "minimum", from), (openMax ? "exclusiveMaximum" : "maximum", to)]
                : [],
        };

        bool IsAbove(object value) => Compare(value, min) is var order && (openMin ? order > 0 : order >= 0);

        bool IsBelow(object value) => Compare(value, max) is var order && (openMax ? order < 0 : order <= 0);

        static int Compare(object value, IComparable bound) =>
            -bound.CompareTo(bound is TimeSpan or DateTimeOffset ? value : Convert.ToDouble(value, CultureInfo.InvariantCulture));
    }

    // Numbers of every kind are compared as doubles, because bounds are whole numbers for any of them.
    private static ScalarKind RangeKind(OptionType type) => type.Scalar is ScalarKind.Duration or ScalarKind.Time ? type.Scalar : ScalarKind.Double;

    private static OptionRule? AllowedValues(IList<CustomAttributeTypedArgument> arguments, OptionType type)
    {
        if (type.Shape != OptionShape.Scalar) return null;
        if (arguments is not [{ Value: IReadOnlyCollection<CustomAttributeTypedArgument> values }]) return null;
        var texts = values.Where(v => v.Value is not null).Select(v => Convert.ToString(v.Value, CultureInfo.InvariantCulture)!).ToList();
        var allowed = texts.Select(t => Scalar.Parse(t, type.Scalar)).ToList();
        return OptionRule.From(string.Join(" or ", texts), allowed.Contains) with
        {
            CreateKeywords = () => [("enum", new JsonArray([.. allowed.Select(a => JsonSerializer.SerializeToNode(a is TimeSpan or DateTimeOffset ? Scalar.Format((IComparable)a) : a))]))],
        };
    }

    private static OptionRule? Length(OptionType type, int min, int max, string description)
    {
        var isText = IsText(type);
        if (!isText && type.Shape is not (OptionShape.List or OptionShape.Map)) return null;
        var words = string.Format(CultureInfo.InvariantCulture, description, min, max, isText ? "characters" : "elements");
        var counted = isText ? "Length" : type.Shape == OptionShape.List ? "Items" : "Properties";
        return OptionRule.From(words, v => (v is string text ? text.Length : ((ICollection)v).Count) is var length && length >= min && length <= max) with
        {
            CreateKeywords = () => max == int.MaxValue ? [($"min{counted}", min)] : [($"min{counted}", min), ($"max{counted}", max)],
        };
    }

    private static OptionRule? Pattern(CustomAttributeData attribute, OptionType type)
    {
        if (!IsText(type)) return null;
        var pattern = (string)attribute.ConstructorArguments[0].Value!;
        var regex = new Regex($@"\A(?:{pattern})\z", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
        var description = Named(attribute, nameof(RegularExpressionAttribute.ErrorMessage)) as string ?? $"text that matches {pattern}";
        return OptionRule.From(description, v => IsMatch((string)v)) with { CreateKeywords = () => [("pattern", $"^(?:{pattern})$")] };

        bool IsMatch(string text)
        {
            try
            {
                return regex.IsMatch(text);
            }
            catch (RegexMatchTimeoutException)
            {
                // The plugin's author did not mean a value that takes so long to match.
                return false;
            }
        }
    }

    private static object? Named(CustomAttributeData attribute, string name) =>
        attribute.NamedArguments.FirstOrDefault(a => a.MemberName == name).TypedValue.Value;

    private static bool IsValidation(Type? type) =>
        type is not null
        && (type.FullName == typeof(ValidationAttribute).FullName || type.FullName == typeof(OptionPathAttribute).FullName || IsValidation(type.BaseType));
}
