using System.Collections;
using System.Globalization;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>One option as it is listed. Members of a section follow it, with its name before theirs.</summary>
/// <param name="Name">For example <c>Retry:Attempts</c>.</param>
/// <param name="Type">The values it takes.</param>
/// <param name="Default">The default; null when it must be given.</param>
/// <param name="Summary">The documentation; null when there is none.</param>
internal sealed record OptionRow(string Name, string Type, string? Default, string? Summary)
{
    public static IEnumerable<OptionRow> From(OptionType section, string prefix = "")
    {
        foreach (var option in section.Members)
        {
            var type = option.Allowed.Length == 0 ? option.Type.ToString() : $"{option.Type}, {option.Allowed}";
            yield return new(prefix + option.Name, type, option.IsRequired ? null : option.IsSetByPlugin ? "set by the plugin" : Show(option.Default), option.Summary);
            foreach (var row in Nested(option.Type, $"{prefix}{option.Name}:")) yield return row;
        }
    }

    private static IEnumerable<OptionRow> Nested(OptionType type, string prefix) => type.Shape switch
    {
        OptionShape.Section => From(type, prefix),
        OptionShape.List => Nested(type.Element!, $"{prefix}<n>:"),
        OptionShape.Map => Nested(type.Element!, $"{prefix}<name>:"),
        _ => [],
    };

    private static string Show(object? value) => value switch
    {
        null => "none",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        TimeSpan or DateTimeOffset => Scalar.Format((IComparable)value),
        Uri address => $"\"{address.OriginalString}\"",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        ICollection { Count: 0 } => "empty",
        _ => "as its members",
    };
}
