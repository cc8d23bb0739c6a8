
namespace PluginHost.Engine.Configuration.Binding;

/// <summary>One option of a plugin, as its metadata tells. Immutable.</summary>
/// <param name="Name">The name of the constructor's parameter, as the record's property has it.</param>
/// <param name="Type">What values it takes.</param>
internal sealed record OptionDescriptor(string Name, OptionType Type)
{
    /// <summary>Whether it must be given.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The default when it need not be given, in the form that <see cref="OptionsReader"/> gives values.</summary>
    public object? Default { get; init; }

    /// <summary>What else holds for its values.</summary>
    internal IReadOnlyList<OptionRule> Rules { get; init; } = [];

    /// <summary>The documentation; null when there is none.</summary>
    public string? Summary { get; init; }

    /// <summary>What the rules allow, for people; empty when there are none.</summary>
    public string Allowed => string.Join(", ", Rules.Select(r => r.Description));
}

/// <summary>The shapes of values.</summary>
internal enum OptionShape
{
    Scalar,

    /// <summary>One of a few words.</summary>
    Choice,
    List,

    /// <summary>Values by names of the user's choosing.</summary>
    Map,

    /// <summary>Named members, each an option of its own.</summary>
    Section,
}

/// <summary>The type of an option. Immutable.</summary>
internal sealed record OptionType(OptionShape Shape)
{
    public static OptionType NoOptions { get; } = new(OptionShape.Section);

    /// <summary>Of a <see cref="OptionShape.Scalar"/>.</summary>
    public ScalarKind Scalar { get; init; }

    /// <summary>Of a <see cref="OptionShape.Choice"/>.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Of a <see cref="OptionShape.List"/> or a <see cref="OptionShape.Map"/>.</summary>
    public OptionType? Element { get; init; }

    /// <summary>Of a <see cref="OptionShape.Section"/>.</summary>
    public IReadOnlyList<OptionDescriptor> Members { get; init; } = [];

    /// <summary>Whether null is a value.</summary>
    public bool IsNullable { get; init; }

    /// <summary>For people, for example <c>list of text</c>.</summary>
    public override string ToString() => Shape switch
    {
        OptionShape.Scalar => Scalar switch
        {
            ScalarKind.Text => "text",
            ScalarKind.Boolean => "true or false",
            ScalarKind.Int32 or ScalarKind.Int64 => "whole number",
            ScalarKind.Double or ScalarKind.Decimal => "number",
            _ => "duration",
        },
        OptionShape.Choice => string.Join(" | ", Choices),
        OptionShape.List => $"list of {Element}",
        OptionShape.Map => $"names with {Element}",
        _ => "section",
    };
}
