using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Reads options strictly against what metadata tells of them; all errors at once, each with its path.</summary>
internal sealed class OptionsReader
{
    private readonly OptionsSection _section;
    private readonly List<ConfigurationError> _errors = [];

    private OptionsReader(OptionsSection section) => _section = section;

    /// <summary>The values with defaults; null, with errors, when anything is wrong.</summary>
    public static OptionValues? Read(PluginDescriptor plugin, OptionsSection section, List<ConfigurationError> errors)
    {
        var found = new List<ConfigurationError>();
        var values = Read(plugin.Options, section, found);
        errors.AddRange(found.Select(e => PluginErrors.Option(plugin, e)));
        return values;
    }

    /// <summary>The same for a section that belongs to no plugin.</summary>
    public static OptionValues? Read(OptionType type, OptionsSection section, ICollection<ConfigurationError> errors)
    {
        var reader = new OptionsReader(section);
        var values = reader.ReadMembers(type, section.Json, section.PathOf, section.Path);
        foreach (var error in reader._errors) errors.Add(error);
        return reader._errors.Count == 0 ? values : null;
    }

    /// <summary>The values of a section when nothing is given; null when something must be.</summary>
    public static OptionValues? Defaults(OptionType type)
    {
        var reader = new OptionsReader(OptionsSection.Empty);
        var values = reader.ReadMembers(type, [], static name => name, "");
        return reader._errors.Count == 0 ? values : null;
    }

    private OptionValues ReadMembers(OptionType type, JsonObject json, Func<string, string> pathOf, string path)
    {
        foreach (var (name, _) in json)
        {
            if (!type.Members.Any(m => m.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
                Add(SectionReader.Unknown(pathOf(name), name, type.Members.Select(m => m.Name)));
        }

        var values = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var option in type.Members)
        {
            var given = json.FirstOrDefault(m => m.Key.Equals(option.Name, StringComparison.OrdinalIgnoreCase));
            if (given.Key is not null) values[option.Name] = ReadOption(option, given.Value, pathOf(given.Key));
            else if (!option.IsRequired) values[option.Name] = option.Default;
            else Add(Missing(option, path));
        }

        return new(values);
    }

    private static ConfigurationError Missing(OptionDescriptor option, string path)
    {
        var allowed = option.Allowed.Length > 0 ? $": {option.Allowed}" : "";
        return new($"{path}:{option.Name}", $"'{option.Name}' must be given.", $"It takes {option.Type}{allowed}.");
    }

    private object? ReadOption(OptionDescriptor option, JsonNode? node, string path)
    {
        var value = ReadValue(option.Type, node, path, option.Name);
        if (value is null) return null;
        foreach (var rule in option.Rules.Where(r => !r.IsMet(value)))
            Add(new(path, $"{Scalar.Show(option.Name, node)} is not allowed.", $"Allowed: {rule.Description}."));
        return value;
    }

    private object? ReadValue(OptionType type, JsonNode? node, string path, string name)
    {
        switch (type.Shape)
        {
            case var _ when node is null:
                if (!type.IsNullable) Wrong(type, node, path, name);
                return null;
            case OptionShape.Scalar when Scalar.TryRead(node, _section.TextPaths.Contains(path), type.Scalar, out var scalar):
                return scalar;
            case OptionShape.Choice when node.GetValueKind() == JsonValueKind.String:
                return ReadChoice(type, node, path, name);
            case OptionShape.List when node is JsonArray items:
                return items.Select((item, i) => ReadValue(type.Element!, item, $"{path}:{i}", name)).ToList();
            case OptionShape.Map when node is JsonObject map:
                return map.ToDictionary(m => m.Key, m => ReadValue(type.Element!, m.Value, $"{path}:{m.Key}", name), StringComparer.Ordinal);
            case OptionShape.Section when node is JsonObject section:
                return ReadMembers(type, section, member => $"{path}:{member}", path);
            default:
                Wrong(type, node, path, name);
                return null;
        }
    }

    private string? ReadChoice(OptionType type, JsonNode node, string path, string name)
    {
        var word = node.GetValue<string>();
        var choice = type.Choices.FirstOrDefault(c => c.Equals(word, StringComparison.OrdinalIgnoreCase));
        if (choice is not null) return choice;
        var message = $"{Scalar.Show(name, node)} is not one of the choices.{Spelling.DidYouMean(word, type.Choices)}";
        Add(new(path, message, $"Allowed are {string.Join(", ", type.Choices)}."));
        return null;
    }

    private void Wrong(OptionType type, JsonNode? node, string path, string name)
    {
        var needed = type.Shape switch
        {
            OptionShape.Scalar => Scalar.Describe(type.Scalar),
            OptionShape.Choice => $"one of {string.Join(", ", type.Choices)}",
            OptionShape.List => $"a {type}, in square brackets",
            OptionShape.Map => $"{type}, in braces",
            _ => "a section, in braces",
        };
        var quoted = type.Shape == OptionShape.Scalar && node?.GetValueKind() == JsonValueKind.String
            && type.Scalar != ScalarKind.Duration && Scalar.Parse(node.GetValue<string>(), type.Scalar) is not null;
        var cure = quoted ? "Write it without quotes."
            : _section.TextPaths.Contains(path) && type.Shape is OptionShape.List ? $"Set its elements one by one: {path}:0, {path}:1."
            : null;
        Add(new(path, $"{Scalar.Show(name, node)} is not {needed}.", cure));
    }

    private void Add(ConfigurationError error) => _errors.Add(error);
}
