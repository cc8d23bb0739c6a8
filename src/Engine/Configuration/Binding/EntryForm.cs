using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>
/// The section of an entry in its parts: members of the section itself, settings of the host, options of the plugin. Also reads the
/// old form, which had the settings and the options beside the section's own members. Immutable.
/// </summary>
/// <param name="Section">The section without what is in the other parts.</param>
/// <param name="Host">How the host treats the plugin.</param>
/// <param name="Options">The plugin's options.</param>
internal sealed record EntryForm(OptionsSection Section, OptionsSection Host, OptionsSection Options)
{
    /// <summary>The settings that the old form had. Never add one: a plugin may have an option of that name.</summary>
    private static readonly string[] OldSettings =
        ["Timeout", "OnError", "Load", "StoreInput", "StoreOutput", "StoreContext", "StoreContextFrom", "StoreInputAs"];

    private static readonly string[] Parts = [nameof(PluginEntry.Host), nameof(PluginEntry.Options)];

    /// <summary>Whether members were found where only the old form has them.</summary>
    public bool IsOld { get; private init; }

    /// <summary>The new form of the section, for people: with the names of all members, without the values of options.</summary>
    public string Shown { get; private init; } = "";

    /// <summary>Takes the section of an entry of a plugin, or of defaults for entries, apart.</summary>
    /// <param name="section">The section.</param>
    /// <param name="own">The section's own members.</param>
    public static EntryForm Split(OptionsSection section, params IReadOnlyList<string> own)
    {
        // With both forms in the file, what is outside the parts is a mistake and not the old form.
        var isNew = Parts.Any(p => IsPart(section, p) && !section.IsText(p));
        return Split(section, own, OldSettings, name => !isNew || section.IsText(name));
    }

    /// <summary>Takes the section of a model apart: all members that are not its own are options.</summary>
    /// <param name="section">The section.</param>
    /// <param name="own">The section's own members.</param>
    public static EntryForm SplitModel(OptionsSection section, params IReadOnlyList<string> own) => Split(section, own, [], _ => true);

    /// <summary>The entry with the settings and options of another one for those that it lacks.</summary>
    public EntryForm Over(EntryForm defaults) => this with { Host = Host.Over(defaults.Host), Options = Options.Over(defaults.Options) };

    /// <summary>The whole section in the new form; its members keep their paths.</summary>
    public OptionsSection Join()
    {
        var json = (JsonObject)Section.Json.DeepClone();
        var paths = new Dictionary<string, string>(Section.MemberPaths, StringComparer.OrdinalIgnoreCase);
        foreach (var (part, members) in Parts.Zip([Host, Options]).Where(p => !json.ContainsKey(p.First)))
        {
            json[part] = members.Json.DeepClone();
            foreach (var name in members.Json.Select(m => m.Key)) paths[$"{part}:{name}"] = members.PathOf(name);
        }

        return Section with { Json = json, MemberPaths = paths };
    }

    private static EntryForm Split(OptionsSection section, IReadOnlyList<string> own, IReadOnlyList<string> settings, Func<string, bool> isMoved)
    {
        var (host, options) = (section.Below(Parts[0]), section.Below(Parts[1]));
        var rest = new JsonObject(OptionsSection.NodeOptions);
        var isOld = false;
        foreach (var (name, value) in section.Json)
        {
            if (IsPart(section, name) && value is JsonObject) continue;
            if (IsPart(section, name) || Has(own, name) || !isMoved(name)) rest[name] = value?.DeepClone();
            else if (Has(settings, name)) (host, isOld) = (Add(host, section, name), true);
            else (options, isOld) = (Add(options, section, name), isOld || !section.IsText(name));
        }

        return new(section with { Json = rest }, host, options) { IsOld = isOld, Shown = Show(rest, own, host, options) };
    }

    /// <summary>A text is an option of that name, because text from the environment may be.</summary>
    private static bool IsPart(OptionsSection section, string name) =>
        Has(Parts, name) && section.Json.TryGetPropertyValue(name, out var value) && value?.GetValueKind() != JsonValueKind.String;

    private static OptionsSection Add(OptionsSection part, OptionsSection section, string name)
    {
        // Of the same member in both forms, the one that came as text is on top of the one of the file.
        if (part.Json.ContainsKey(name) && (part.IsText(name) || !section.IsText(name))) return part;
        var json = (JsonObject)part.Json.DeepClone();
        json[name] = section.Json[name]?.DeepClone();
        var paths = new Dictionary<string, string>(part.MemberPaths, StringComparer.OrdinalIgnoreCase) { [name] = section.PathOf(name) };
        return part with { Json = json, MemberPaths = paths };
    }

    private static string Show(JsonObject rest, IReadOnlyList<string> own, OptionsSection host, OptionsSection options)
    {
        var members = rest.Where(m => Has(own, m.Key)).Select(m => $"\"{m.Key}\": {m.Value?.ToJsonString() ?? "null"}");
        var parts = Parts.Zip([host, options]).Where(p => p.Second.Json.Count > 0)
            .Select(p => $"\"{p.First}\": {{ {string.Join(", ", p.Second.Json.Select(m => $"\"{m.Key}\": …"))} }}");
        return $"{{ {string.Join(", ", members.Concat(parts))} }}";
    }

    private static bool Has(IEnumerable<string> names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);
}
