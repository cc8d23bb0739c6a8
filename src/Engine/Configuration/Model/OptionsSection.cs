using System.Collections.ObjectModel;
using System.Text.Json.Nodes;

namespace PluginHost.Engine.Configuration.Model;

/// <summary>
/// An unread part of the configuration: a JSON object with its path. Values from the environment or the command line are JSON
/// strings listed in <see cref="TextPaths"/>, to be parsed as what the setting needs.
/// </summary>
/// <param name="Path">For error messages, for example <c>Agents:assistant:Chain:0</c>; empty for the root.</param>
/// <param name="Json">The members.</param>
/// <param name="TextPaths">Full paths of values that came as text.</param>
internal sealed record OptionsSection(string Path, JsonObject Json, IReadOnlySet<string> TextPaths)
{
    public static OptionsSection Empty { get; } = new("", [], new HashSet<string>());

    /// <summary>Members are found in any case.</summary>
    public static JsonNodeOptions NodeOptions { get; } = new() { PropertyNameCaseInsensitive = true };

    /// <summary>The paths of members from elsewhere: a default of the <c>Plugins</c> section keeps its path.</summary>
    public IReadOnlyDictionary<string, string> MemberPaths { get; init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The full path of a member.</summary>
    public string PathOf(string member) =>
        MemberPaths.TryGetValue(member, out var path) ? path : Path.Length == 0 ? member : $"{Path}:{member}";

    /// <summary>The section of a member; empty when there is none.</summary>
    public OptionsSection Below(string member) =>
        new(PathOf(member), Json[member] as JsonObject ?? new(NodeOptions), TextPaths) { MemberPaths = PathsBelow(member) };

    /// <summary>The paths that members of a member have from elsewhere.</summary>
    public IReadOnlyDictionary<string, string> PathsBelow(string member) => MemberPaths.Count == 0 ? MemberPaths : MemberPaths
        .Where(p => p.Key.StartsWith($"{member}:", StringComparison.OrdinalIgnoreCase))
        .ToDictionary(p => p.Key[(member.Length + 1)..], p => p.Value, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a member came as text, with all that is in it.</summary>
    public bool IsText(string member)
    {
        return AreText(Json[member], PathOf(member));

        bool AreText(JsonNode? node, string path) => node switch
        {
            JsonObject section => section.All(m => AreText(m.Value, $"{path}:{m.Key}")),
            JsonArray items => items.Select((item, i) => AreText(item, $"{path}:{i}")).All(isText => isText),
            _ => TextPaths.Contains(path),
        };
    }

    /// <summary>The section with the members of another one for those that it lacks.</summary>
    public OptionsSection Over(OptionsSection defaults)
    {
        var json = (JsonObject)Json.DeepClone();
        var paths = new Dictionary<string, string>(MemberPaths, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in defaults.Json.Where(m => !Json.ContainsKey(m.Key)))
        {
            json[name] = value?.DeepClone();
            paths[name] = defaults.PathOf(name);
        }

        return this with { Json = json, MemberPaths = paths };
    }

    /// <summary>All values by their full paths, as .NET's own configuration has them.</summary>
    public IReadOnlyDictionary<string, string?> Flatten()
    {
        var flat = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        Add(Json, Path);
        return flat;

        void Add(JsonNode? node, string path)
        {
            if (node is JsonObject section)
            {
                foreach (var (name, value) in section) Add(value, $"{path}:{name}");
            }
            else if (node is JsonArray items)
            {
                for (var i = 0; i < items.Count; i++) Add(items[i], $"{path}:{i}");
            }
            else
            {
                flat[path] = node?.ToString();
            }
        }
    }
}
