using System.Globalization;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Sources;

/// <summary>Puts values of the environment and the command line on top of the file's.</summary>
/// <param name="root">The file's object; changed.</param>
/// <param name="errors">Takes what is wrong.</param>
internal sealed class TextOverlay(JsonObject root, List<ConfigurationError> errors)
{
    private readonly Dictionary<string, string> _origins = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Where the values that came as text came from, by their paths.</summary>
    public IReadOnlyDictionary<string, string> Origins => _origins;

    public void Apply(IEnumerable<TextSetting> settings)
    {
        // By path, so that index 0 of a list comes before index 1 however the environment is ordered.
        foreach (var setting in settings.OrderBy(SortKey, StringComparer.OrdinalIgnoreCase)) Apply(setting);

        static string SortKey(TextSetting setting) =>
            string.Join(':', setting.Segments.Select(s => IsIndex(s) ? s.PadLeft(10, '0') : s));
    }

    private void Apply(TextSetting setting)
    {
        var segments = setting.Segments;
        if (IsChain(segments) || IsUnknownAgent(segments)) return;
        JsonNode node = root;
        for (var i = 0; i < segments.Count - 1; i++)
        {
            if (Find(node, segments[i], setting) is not { } place) return;
            node = place.Value ??= IsIndex(segments[i + 1]) ? new JsonArray(JsonFile.NodeOptions) : new JsonObject(JsonFile.NodeOptions);
        }

        if (Find(node, segments[^1], setting) is not { } last) return;
        if (last.Value is JsonObject or JsonArray)
        {
            errors.Add(new(
                setting.Path,
                "This is a section or a list, which text cannot replace.",
                $"Set its members, for example {setting.Path}:0 or {setting.Path}:Key."));
            return;
        }

        last.Value = JsonValue.Create(setting.Value);
        _origins[setting.Path] = setting.Origin;

        bool IsChain(IReadOnlyList<string> path)
        {
            if (path.Count < 3 || !Is(path[0], "Agents") || !Is(path[2], "Chain")) return false;
            errors.Add(new(
                setting.Path,
                "A chain comes from the file alone: merging lists by index would mix up its entries.",
                ChainCure));
            return true;
        }

        bool IsUnknownAgent(IReadOnlyList<string> path)
        {
            if (!Is(path[0], "Agents") || root["Agents"] is not JsonObject agents || agents.ContainsKey(path[1])) return false;
            errors.Add(new(
                setting.Path,
                $"There is no agent '{path[1]}' in the file.{Spelling.DidYouMean(path[1], agents.Select(a => a.Key))}"));
            return true;
        }
    }

    private const string ChainCure =
        "Set an option for every entry of a plugin with Plugins:<plugin>:<Option> (in the environment Plugins__<plugin>__<Option>).";

    private Place? Find(JsonNode node, string segment, TextSetting setting)
    {
        switch (node)
        {
            case JsonObject section when segment.Length > 0:
                return new Place(section, segment);
            case JsonArray list when int.TryParse(segment, CultureInfo.InvariantCulture, out var index) && index >= 0 && index <= list.Count:
                if (index == list.Count) list.Add(null);
                return new Place(list, index);
            case JsonArray list:
                errors.Add(new(
                    setting.Path,
                    $"'{segment}' is not a place in a list of {list.Count}.",
                    $"Allowed are 0 to {list.Count}."));
                return null;
            default:
                errors.Add(new(setting.Path, $"'{segment}' is a part of something that has no parts."));
                return null;
        }
    }

    private static bool IsIndex(string segment) => segment.Length > 0 && segment.All(char.IsAsciiDigit);

    private static bool Is(string segment, string name) => segment.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>A member of an object or an element of a list.</summary>
    private sealed class Place
    {
        private readonly JsonObject? _section;
        private readonly JsonArray? _list;
        private readonly string _name = "";
        private readonly int _index;

        public Place(JsonObject section, string name) => (_section, _name) = (section, name);

        public Place(JsonArray list, int index) => (_list, _index) = (list, index);

        public JsonNode? Value
        {
            get => _section is null ? _list![_index] : _section[_name];
            set
            {
                if (_section is null) _list![_index] = value;
                else _section[_name] = value;
            }
        }
    }
}
