using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>One option of a plugin, or one setting of the host. Immutable.</summary>
/// <param name="Name">The name of the record's property.</param>
/// <param name="Type">What values it takes.</param>
internal sealed record OptionDescriptor(string Name, OptionType Type)
{
    /// <summary>Whether it must be given.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The default of an option that need not be given, in the form that <see cref="OptionValues"/> have.</summary>
    public object? Default { get; init; }

    /// <summary>Whether the plugin sets the default itself, so that it cannot be read.</summary>
    public bool IsSetByPlugin { get; init; }

    /// <summary>The documentation; null when there is none.</summary>
    public string? Summary => ReadSummary();

    /// <summary>Reads <see cref="Summary"/>.</summary>
    internal Func<string?> ReadSummary { get; init; } = static () => null;

    /// <summary>The rules of its values, for people; empty when there are none.</summary>
    public string Allowed => string.Join(", ", Type.Rules.Concat(Type.Element?.Rules ?? []).Select(r => r.Description));
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

    /// <summary>A value that is never shown: text, or where it comes from.</summary>
    Secret,

    /// <summary>Named members, each an option.</summary>
    Section,

    /// <summary>A section whose members are read elsewhere.</summary>
    Unread,
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

    /// <summary>The record of the host that a <see cref="OptionShape.Section"/> is read into; null for a plugin's.</summary>
    public Type? Settings { get; init; }

    /// <summary>Whether null is a value.</summary>
    public bool IsNullable { get; init; }

    /// <summary>The rules of its values.</summary>
    public IReadOnlyList<OptionRule> Rules { get; init; } = [];

    /// <summary>For people, for example <c>list of text</c>.</summary>
    public override string ToString() => Shape switch
    {
        OptionShape.Scalar => Scalar switch
        {
            ScalarKind.Text => "text",
            ScalarKind.Boolean => "true or false",
            ScalarKind.Int32 or ScalarKind.Int64 => "whole number",
            ScalarKind.Single or ScalarKind.Double or ScalarKind.Decimal => "number",
            ScalarKind.Address => "address",
            ScalarKind.Time => "time",
            ScalarKind.Guid => "GUID",
            _ => "duration",
        },
        OptionShape.Choice => string.Join(" | ", Choices),
        OptionShape.List => $"list of {Element}",
        OptionShape.Map => $"names with {Element}",
        OptionShape.Secret => "secret",
        _ => "section",
    };
}

/// <summary>A rule for values, from a validation attribute.</summary>
/// <param name="Description">What is allowed, for people, for example <c>1 to 100</c>.</param>
/// <param name="FindBreach">What a value, not null, is when it does not meet the rule; null when it does.</param>
internal sealed record OptionRule(string Description, Func<object, HostPaths, string?> FindBreach)
{
    /// <summary>Whether defaults have to meet it too, because it depends on the machine.</summary>
    public bool HoldsForDefaults { get; init; }

    /// <summary>Creates the keywords of JSON Schema that say the same; none where there is no such keyword. Only a schema needs them.</summary>
    public Func<IReadOnlyList<(string Name, JsonNode Value)>> CreateKeywords { get; init; } = static () => [];

    public static OptionRule From(string description, Func<object, bool> isMet, string breach = "not allowed") =>
        new(description, (value, _) => isMet(value) ? null : breach);
}

/// <summary>
/// The values of a section, complete with defaults, by the names of its options. A value is a scalar, a choice's word, a list
/// (<see cref="List{T}"/> of <see cref="object"/>), a map (<see cref="Dictionary{TKey,TValue}"/>), nested values, null, or a
/// default of the host's settings as the record has it.
/// </summary>
internal sealed record OptionValues(IReadOnlyDictionary<string, object?> Members, OptionsSection Section);
