using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Configuration.Sources;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Where an entry stands.</summary>
internal enum EntryPlace
{
    Chain,
    SessionStore,
}

/// <summary>Reads entries of plugins, with the defaults of the <c>Plugins</c> section under them.</summary>
internal sealed class EntryReader(SectionReader root, IReadOnlyList<OptionsSection> defaults)
{
    private static readonly string[] StoreSettings =
        ["Load", "StoreInput", "StoreOutput", "StoreContext", "StoreContextFrom", "StoreInputAs"];

    /// <summary>The settings of the host's own in an entry; options of plugins may not have their names.</summary>
    public static IReadOnlyList<string> HostSettings { get; } = ["Plugin", "Name", "Timeout", "OnError", .. StoreSettings];

    /// <summary>The settings that make sense for a history provider alone.</summary>
    public static IReadOnlyList<string> HistorySettings => StoreSettings;

    /// <summary>Reads an entry; null, with an error, when it does not say which plugin.</summary>
    public PluginEntry? Read(SectionReader reader, int index, EntryPlace place)
    {
        if (reader.Text("Plugin") is not { Length: > 0 } plugin)
        {
            // Text() has already reported a name that is not text.
            if (!reader.Has("Plugin") || reader.Raw.Json["Plugin"]?.GetValueKind() == JsonValueKind.String)
                reader.Wrong("Plugin", "The entry does not say which plugin it is.", "Write \"Plugin\": \"<name>\".");
            return null;
        }

        var merged = Merge(reader.Raw, plugin);
        var entry = new SectionReader(merged, root.Errors);

        // Asked for in every place, so that one in the wrong place is told as that, and not as an unknown option.
        foreach (var setting in HostSettings) entry.Has(setting);
        var name = entry.Text("Name") ?? plugin;
        var given = HostSettings.Where(merged.Json.ContainsKey).ToDictionary(s => s, merged.PathOf);
        var basis = new PluginEntry(plugin, name);
        var result = basis with
        {
            Index = index,
            Path = reader.Path,
            Given = given,
            Timeout = entry.Duration("Timeout") ?? basis.Timeout,
        };
        if (place == EntryPlace.Chain) result = ReadChainSettings(entry, result);
        return result with { Options = entry.Rest() };
    }

    /// <summary>The entry of an agent's chat client, whose section holds <c>Client</c> and <c>Model</c> beside its options.</summary>
    public PluginEntry ReadClient(SectionReader model, string plugin) =>
        new(plugin, plugin) { Path = model.Path, Options = Merge(model.Rest(), plugin) };

    private static PluginEntry ReadChainSettings(SectionReader reader, PluginEntry entry) => entry with
    {
        OnError = reader.Choice("OnError", ("fail", OnError.Fail), ("skip", OnError.Skip)),
        Load = reader.Boolean("Load") ?? entry.Load,
        StoreInput = reader.Boolean("StoreInput") ?? entry.StoreInput,
        StoreOutput = reader.Boolean("StoreOutput") ?? entry.StoreOutput,
        StoreContext = reader.Boolean("StoreContext") ?? entry.StoreContext,
        StoreContextFrom = reader.Texts("StoreContextFrom") ?? entry.StoreContextFrom,
        StoreInputAs = reader.Choice("StoreInputAs", ("sent", StoreInputAs.Sent), ("received", StoreInputAs.Received)) ?? entry.StoreInputAs,
    };

    private OptionsSection Merge(OptionsSection entry, string plugin)
    {
        var under = defaults.FirstOrDefault(d => d.Path.Equals($"Plugins:{plugin}", StringComparison.OrdinalIgnoreCase));
        if (under is null) return entry;
        var json = new JsonObject(JsonFile.NodeOptions);
        var paths = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in under.Json)
        {
            json[name] = value?.DeepClone();
            paths[name] = under.PathOf(name);
        }

        foreach (var (name, value) in entry.Json)
        {
            json[name] = value?.DeepClone();
            paths[name] = entry.PathOf(name);
        }

        return entry with { Json = json, MemberPaths = paths };
    }
}
