using System.Globalization;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Sources;

/// <summary>Puts values of the environment and the command line on top of the file's.</summary>
/// <param name="root">The file's object; changed.</param>
/// <param name="errors">Takes the errors.</param>
internal sealed class TextOverlay(JsonObject root, List<ConfigurationError> errors)
{
    private readonly Dictionary<string, ValueSource> _sources = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where the values that came as text come from, by path.</summary>
    public IReadOnlyDictionary<string, ValueSource> Sources => _sources;

    /// <summary>Applies those of the settings that the file does not have. A list of the file is not extended.</summary>
    public void ApplyDefaults(IEnumerable<TextSetting> settings) => Apply(settings.Where(s => !IsInFile(s)).ToList());

    public void Apply(IEnumerable<TextSetting> settings)
    {
        // By path, so that index 0 of a list comes before index 1 however the environment is ordered.
        foreach (var setting in settings.OrderBy(SortKey, StringComparer.OrdinalIgnoreCase)) Apply(setting);

        static string SortKey(TextSetting setting) =>
            string.Join(':', setting.Segments.Select(s => IsIndex(s) ? s.PadLeft(10, '0') : s));
    }

    private void Apply(TextSetting setting)
    {
        if (IsRefused(setting)) return;
        var segments = setting.Segments;
        JsonNode node = root;
        foreach (var (segment, next) in segments.Zip(segments.Skip(1)))
        {
            if (!TryFind(node, segment, setting, out var value)) return;
            if (value is null) Set(node, segment, value = IsIndex(next) ? new JsonArray(OptionsSection.NodeOptions) : new JsonObject(OptionsSection.NodeOptions));
            node = value;
        }

        if (!TryFind(node, segments[^1], setting, out var last)) return;
        if (last is JsonObject or JsonArray)
        {
            errors.Add(new(
                setting.Path,
                "This is a section or a list, which text cannot replace.",
                $"Set its members, for example {setting.Path}:0 or {setting.Path}:Key."));
            return;
        }

        Set(node, segments[^1], JsonValue.Create(setting.Value));
        _sources[setting.Path] = setting.Source;
    }

    private bool IsInFile(TextSetting setting)
    {
        JsonNode? node = root;
        foreach (var segment in IsIndex(setting.Segments[^1]) ? setting.Segments.SkipLast(1) : setting.Segments)
            node = (node as JsonObject)?[segment];
        return node is not null;
    }

    private bool IsRefused(TextSetting setting)
    {
        var path = setting.Segments;
        if (path.Count < 2 || !Is(path[0], nameof(HostConfiguration.Agents))) return false;
        if (path.Count > 2 && Is(path[2], nameof(AgentConfiguration.Chain)))
        {
            errors.Add(new(
                setting.Path,
                "A chain comes from the file alone: merging lists by index would mix up its entries.",
                "Set an option for every entry of a plugin with Plugins:<plugin>:Options:<Option> (in the environment Plugins__<plugin>__<Option> does too)."));
            return true;
        }

        if (root[path[0]] is not JsonObject agents || agents.ContainsKey(path[1])) return false;
        errors.Add(new(setting.Path, $"There is no agent '{path[1]}' in the file.{Spelling.DidYouMean(path[1], agents.Select(a => a.Key))}"));
        return true;
    }

    // The value of a member, or of an element that exists or follows the last one.
    private bool TryFind(JsonNode node, string segment, TextSetting setting, out JsonNode? value)
    {
        value = null;
        switch (node)
        {
            case JsonObject section when segment.Length > 0:
                value = section[segment];
                return true;
            case JsonArray list when int.TryParse(segment, CultureInfo.InvariantCulture, out var index) && index >= 0 && index <= list.Count:
                if (index == list.Count) list.Add(null);
                value = list[index];
                return true;
            case JsonArray list:
                errors.Add(new(setting.Path, $"'{segment}' is not an index of a list of {list.Count}.", $"Allowed are 0 to {list.Count}."));
                return false;
            default:
                errors.Add(new(setting.Path, $"'{segment}' is below a value, which has no members."));
                return false;
        }
    }

    private static void Set(JsonNode node, string segment, JsonNode? value)
    {
        if (node is JsonArray list) list[int.Parse(segment, CultureInfo.InvariantCulture)] = value;
        else node[segment] = value;
    }

    private static bool IsIndex(string segment) => segment.Length > 0 && segment.All(char.IsAsciiDigit);

    private static bool Is(string segment, string name) => segment.Equals(name, StringComparison.OrdinalIgnoreCase);
}
