using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>
/// Reads sections strictly, and continues after an error with the default, so that all errors are reported, each with its path,
/// value and what is allowed.
/// </summary>
/// <param name="errors">Takes the errors.</param>
/// <param name="sources">What options refer to.</param>
/// <param name="prepare">Changes the section of a record of the host's settings before it is read.</param>
internal sealed class OptionsReader(
    ICollection<ConfigurationError> errors, OptionSources sources, Func<Type, OptionsSection, OptionsSection>? prepare = null)
{
    /// <summary>Whether the value of what sounds like a secret is hidden. A plugin's secrets have a type instead.</summary>
    public bool HidesByName { get; init; } = true;

    /// <summary>The values of a section when nothing is given; null when something must be.</summary>
    public static OptionValues? Defaults(OptionType type)
    {
        var found = new List<ConfigurationError>();
        var values = new OptionsReader(found, OptionSources.None).Read(type, OptionsSection.Empty);
        return found.Count == 0 ? values : null;
    }

    /// <summary>The values with defaults; null, with errors, when anything is wrong.</summary>
    public OptionValues? ReadWhole(OptionType type, OptionsSection section)
    {
        var before = errors.Count;
        var values = Read(type, section);
        return errors.Count == before ? values : null;
    }

    /// <summary>The values with defaults, also instead of what is wrong.</summary>
    public OptionValues Read(OptionType type, OptionsSection section)
    {
        if (type.Settings is { } settings && prepare is not null) section = prepare(settings, section);
        var known = type.Members.Select(m => m.Name).ToList();
        foreach (var name in section.Json.Select(m => m.Key).Where(n => !known.Contains(n, StringComparer.OrdinalIgnoreCase)))
            errors.Add(Spelling.Unknown(section.PathOf(name), name, known));

        // In any case, because the parameters of F# records begin in lower case.
        var values = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (var option in type.Members)
        {
            var (name, node) = section.Json.FirstOrDefault(m => m.Key.Equals(option.Name, StringComparison.OrdinalIgnoreCase));
            if (name is null && option.IsRequired) AddMissing(option, section.PathOf(option.Name));
            if (name is null && option.IsSetByPlugin) continue;
            var value = option.Default;
            if (name is not null) TryRead(option.Type, node, Position.From(section, option.Name), ref value);
            else if (sources != OptionSources.None && value is not null) CheckDefault(option, value, section.PathOf(option.Name));
            values[option.Name] = value;
        }

        return new(values, section);
    }

    private void CheckDefault(OptionDescriptor option, object value, string path)
    {
        foreach (var rule in option.Type.Rules.Where(r => r.HoldsForDefaults))
        {
            if (rule.FindBreach(value, sources.Paths) is { } breach) errors.Add(new(path, $"The default \"{value}\" is {breach}.", $"Allowed: {rule.Description}."));
        }
    }

    private string Show(OptionType type, Position at, JsonNode? node) =>
        HoldsSecret(type) || (HidesByName && Scalar.IsSecret(at.Name)) ? "(hidden)" : Scalar.Show(node);

    private static bool HoldsSecret(OptionType type) =>
        type.Shape == OptionShape.Secret || (type.Element is { } element && HoldsSecret(element)) || type.Members.Any(m => HoldsSecret(m.Type));

    private void AddMissing(OptionDescriptor option, string path)
    {
        var allowed = option.Allowed.Length > 0 ? $": {option.Allowed}" : "";
        errors.Add(new(path, $"'{option.Name}' must be given.", $"It takes {option.Type}{allowed}."));
    }

    private bool TryRead(OptionType type, JsonNode? node, Position at, ref object? value)
    {
        if (node is null && type.IsNullable)
        {
            value = null;
            return true;
        }

        var before = errors.Count;
        if (ReadShape(type, node, at) is not { } read) return false;

        // A list with wrong elements lacks them, which says nothing about its length.
        var broken = (errors.Count > before ? [] : type.Rules)
            .Select(r => (r.Description, Breach: r.FindBreach(read, sources.Paths))).Where(r => r.Breach is not null).ToList();
        foreach (var (description, breach) in broken) errors.Add(new(at.Path, $"{Show(type, at, node)} is {breach}.", $"Allowed: {description}."));
        if (broken.Count == 0) value = read;
        return broken.Count == 0;
    }

    // Null, with an error, when the node has another shape.
    private object? ReadShape(OptionType type, JsonNode? node, Position at)
    {
        switch (type.Shape)
        {
            case OptionShape.Scalar when node is not null && Scalar.TryRead(node, at.IsText, type.Scalar, out var scalar):
                return scalar;
            case OptionShape.Choice when node?.GetValueKind() == JsonValueKind.String:
                return ReadChoice(type, node, at);
            case OptionShape.List when node is JsonArray items:
                return ReadElements(type.Element!, items.Select((item, i) => ($"{i}", item)), at).Select(e => e.Value).ToList();
            case OptionShape.Map when node is JsonObject map:
                return ReadElements(type.Element!, map.Select(m => (m.Key, m.Value)), at).ToDictionary(e => e.Name, e => e.Value, StringComparer.Ordinal);
            case OptionShape.Secret:
                return sources.ReadSecret(at.Path, node, errors);
            case OptionShape.Section when node is JsonObject section:
                return Read(type, at.ToSection(section));
            case OptionShape.Unread when node is JsonObject section:
                return at.ToSection(section);
            default:
                AddWrongShape(type, node, at);
                return null;
        }
    }

    private IEnumerable<(string Name, object? Value)> ReadElements(OptionType element, IEnumerable<(string Name, JsonNode? Node)> nodes, Position at)
    {
        foreach (var (name, node) in nodes)
        {
            object? value = null;
            if (TryRead(element, node, at with { Path = $"{at.Path}:{name}", MemberPaths = OptionsSection.Empty.MemberPaths }, ref value)) yield return (name, value);
        }
    }

    private string? ReadChoice(OptionType type, JsonNode node, Position at)
    {
        var word = node.GetValue<string>();
        var choice = type.Choices.FirstOrDefault(c => c.Equals(word, StringComparison.OrdinalIgnoreCase));
        if (choice is not null) return choice;
        var message = $"{Show(type, at, node)} is not one of the choices.{Spelling.DidYouMean(word, type.Choices)}";
        errors.Add(new(at.Path, message, $"Allowed are {string.Join(", ", type.Choices)}."));
        return null;
    }

    private void AddWrongShape(OptionType type, JsonNode? node, Position at)
    {
        var isText = node?.GetValueKind() == JsonValueKind.String;
        var (needed, cure) = type.Shape switch
        {
            OptionShape.Scalar => (Scalar.Describe(type.Scalar), isText && Scalar.IsQuoted(node!, type.Scalar) ? "Write it without quotes." : null),
            OptionShape.Choice => ($"one of {string.Join(", ", type.Choices)}", null),
            OptionShape.List when at.IsText => ($"a {type}", $"Set its elements one by one: {at.Path}:0, {at.Path}:1."),
            OptionShape.List => ($"a {type}", "Write it in square brackets: [ … ]."),
            OptionShape.Map => (type.ToString(), "Write it in braces: { … }."),
            _ => ("a section", $"Write it in braces: {{ {(type.Members is [var first, ..] ? $"\"{first.Name}\": " : "")}… }}."),
        };
        // A secret in the configuration ends up in version control and in backups.
        var message = isText && type.Shape == OptionShape.Section && Scalar.IsSecret(at.Name)
            ? "A secret may not be written here (its value is not shown)."
            : $"{Show(type, at, node)} is not {needed}.";
        errors.Add(new(at.Path, message, cure));
    }

    /// <summary>Where a value is, and the name of its option.</summary>
    private sealed record Position(string Path, string Name, IReadOnlySet<string> TextPaths, IReadOnlyDictionary<string, string> MemberPaths)
    {
        public static Position From(OptionsSection section, string option) =>
            new(section.PathOf(section.Json.First(m => m.Key.Equals(option, StringComparison.OrdinalIgnoreCase)).Key), option, section.TextPaths, section.PathsBelow(option));

        public OptionsSection ToSection(JsonObject json) => new(Path, json, TextPaths) { MemberPaths = MemberPaths };

        public bool IsText => TextPaths.Contains(Path);
    }
}
