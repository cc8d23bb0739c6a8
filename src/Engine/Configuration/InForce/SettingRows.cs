using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.InForce;

/// <summary>Lists the values of sections that were read, with defaults: what is in force, and where it was given. Changes nothing and reads no secrets.</summary>
/// <param name="findOptions">The options of a plugin or a built-in chat client, by its name; null when it is not known.</param>
/// <param name="prepare">Changes the section of a record of the host's settings, as it did when it was read.</param>
internal sealed class SettingRows(Func<string, OptionType?> findOptions, Func<Type, OptionsSection, OptionsSection>? prepare = null)
{
    private readonly List<SettingRow> _rows = [];

    /// <summary>The whole configuration.</summary>
    public static IReadOnlyList<SettingRow> From(OptionsSection root, Func<string, OptionType?> findOptions)
    {
        var rows = new SettingRows(findOptions, new EntryReader(root, []).Prepare);
        rows.Add(HostReader.Root, root, "", new Place());
        return rows._rows;
    }

    /// <summary>One section, with the names of its members as paths.</summary>
    public static IReadOnlyList<SettingRow> From(OptionType type, OptionsSection section, bool isOption = false)
    {
        var rows = new SettingRows(_ => null);
        rows.Add(type, section, "", new Place { IsOption = isOption });
        return rows._rows;
    }

    private void Add(OptionType type, OptionsSection section, string path, Place place)
    {
        if (type.Settings is { } settings && prepare is not null) section = prepare(settings, section);
        place = place with { OnlyGiven = place.OnlyGiven || type.Settings == typeof(PluginDefaults) };
        foreach (var option in type.Members)
        {
            var at = Join(path, option.Name);
            var key = section.Json.Select(m => m.Key).FirstOrDefault(k => k.Equals(option.Name, StringComparison.OrdinalIgnoreCase));
            if (option.Type.Shape == OptionShape.Unread && NameIn(type, section, path) is { } plugin)
                AddOptions(plugin, section.Below(option.Name), at, place with { IsOption = !IsBuiltIn(type, plugin) });
            else if (key is not null)
                AddGiven(option.Type, option.Name, section.Json[key], section.Below(key), at, place);
            else if (!place.OnlyGiven)
                AddDefault(option, at, place);
        }
    }

    private void AddOptions(string plugin, OptionsSection section, string path, Place place)
    {
        if (findOptions(plugin) is { } type) Add(type, section, path, place);
        // Without the plugin it is not known what is a secret.
        else AddRaw(section.Json, section.Path, path, place with { HidesText = true });
    }

    private void AddGiven(OptionType type, string name, JsonNode? node, OptionsSection section, string path, Place place)
    {
        switch (type.Shape)
        {
            case OptionShape.Section when node is JsonObject:
                Add(type, section, path, place);
                break;
            case OptionShape.Map when node is JsonObject { Count: > 0 } map:
                foreach (var (key, value) in map) AddGiven(type.Element!, key, value, section.Below(key), Join(path, key), place);
                break;
            case OptionShape.List when node is JsonArray { Count: > 0 } items:
                for (var i = 0; i < items.Count; i++)
                    AddGiven(type.Element!, name, items[i], new($"{section.Path}:{i}", items[i] as JsonObject ?? new(OptionsSection.NodeOptions), section.TextPaths), $"{path}:{i}", place);
                break;
            case OptionShape.Unread:
                AddRaw(node, section.Path, path, place);
                break;
            default:
                Add(name, Read(type, node, section), section.Path, path, place with { HidesText = place.HidesText || type.Shape == OptionShape.Secret, HidesAll = type.Shape == OptionShape.Secret });
                break;
        }
    }

    private void AddRaw(JsonNode? node, string writtenAt, string path, Place place)
    {
        if (node is JsonObject section) foreach (var (key, value) in section) AddRaw(value, Join(writtenAt, key), Join(path, key), place);
        else if (node is JsonArray items) for (var i = 0; i < items.Count; i++) AddRaw(items[i], $"{writtenAt}:{i}", $"{path}:{i}", place);
        else Add(path[(path.LastIndexOf(':') + 1)..], node?.DeepClone(), writtenAt, path, place);
    }

    private void AddDefault(OptionDescriptor option, string path, Place place)
    {
        if (option.IsRequired) return;
        if (option.Type.Shape == OptionShape.Section && option.Default is not null && option.Type.Members.Count > 0)
            foreach (var member in option.Type.Members) AddDefault(member, Join(path, member.Name), place);
        else
            _rows.Add(new SettingRow(path, ToJson(option.Default), WrittenAt: null) { IsOption = place.IsOption, IsUnknown = option.IsSetByPlugin });
    }

    private void Add(string name, JsonNode? value, string writtenAt, string path, Place place) => _rows.Add(new SettingRow(path, value, writtenAt)
    {
        IsOption = place.IsOption,
        IsHidden = place.HidesAll || (value?.GetValueKind() == JsonValueKind.String && (place.HidesText || SecretText.Is(name, value.GetValue<string>()))),
    });

    private static JsonNode? Read(OptionType type, JsonNode? node, OptionsSection section) =>
        type.Shape == OptionShape.Scalar && node is not null && Scalar.TryRead(node, section.TextPaths.Contains(section.Path), type.Scalar, out var value) ? ToJson(value) : node?.DeepClone();

    private static JsonNode? ToJson(object? value) => value switch
    {
        null => null,
        bool flag => flag,
        int number => number,
        long number => number,
        float number => number,
        double number => number,
        decimal number => number,
        TimeSpan or DateTimeOffset => Scalar.Format((IComparable)value),
        Uri address => address.OriginalString,
        IEnumerable<string> texts => new JsonArray([.. texts.Select(t => (JsonNode)t)]),
        System.Collections.IDictionary { Count: 0 } => new JsonObject(),
        System.Collections.IEnumerable and not string => new JsonArray(),
        _ => value.ToString(),
    };

    /// <summary>The plugin or chat client whose options a section holds; null when it holds none.</summary>
    private static string? NameIn(OptionType type, OptionsSection section, string path) =>
        type.Settings == typeof(PluginEntry) ? section.Json[nameof(PluginEntry.Plugin)]?.ToString() ?? ""
        : type.Settings == typeof(ModelConfiguration) ? section.Json[nameof(ModelConfiguration.Client)]?.ToString() ?? new ModelConfiguration().Client
        : type.Settings == typeof(PluginDefaults) ? path[(path.LastIndexOf(':') + 1)..] : null;

    private static bool IsBuiltIn(OptionType type, string client) =>
        type.Settings == typeof(ModelConfiguration) && ModelConfiguration.BuiltInClients.Contains(client, StringComparer.OrdinalIgnoreCase);

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}:{name}";

    /// <summary>What holds for a section and all in it.</summary>
    private readonly record struct Place
    {
        public bool IsOption { get; init; }

        public bool OnlyGiven { get; init; }

        public bool HidesText { get; init; }

        public bool HidesAll { get; init; }
    }
}
