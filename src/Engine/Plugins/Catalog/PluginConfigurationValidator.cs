using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>Checks a configuration against the plugins that exist.</summary>
internal sealed class PluginConfigurationValidator(PluginCatalog catalog)
{
    private readonly List<ConfigurationError> _errors = [];

    public IReadOnlyList<ConfigurationError> Validate(HostConfiguration configuration)
    {
        foreach (var agent in configuration.Agents.Values)
        {
            foreach (var entry in agent.Chain) Validate(entry, entry.Path, PluginPlace.Chain);
            if (agent.Model.Plugin is { } client) Validate(client, $"{client.Path}:Client", PluginPlace.ModelClient);
            ValidateHistories(agent);
        }

        if (configuration.Sessions.Store is { } store) Validate(store, store.Path, PluginPlace.SessionStore);
        foreach (var (plugin, defaults) in configuration.Plugins) ValidateDefaults(plugin, defaults);

        // A wrong default of the Plugins section is found once for each entry of the plugin.
        return [.. _errors.Distinct()];
    }

    private void Validate(PluginEntry entry, string path, PluginPlace place)
    {
        var allowed = catalog.Plugins.Where(p => p.FitsIn(place)).Select(p => p.Name);
        if (place == PluginPlace.ModelClient) allowed = allowed.Concat(ModelConfiguration.BuiltInClients);
        if (catalog.Find(entry.Plugin) is not { } plugin)
        {
            _errors.Add(place == PluginPlace.ModelClient
                ? PluginErrors.UnknownClient(path, entry.Plugin, [.. allowed])
                : PluginErrors.Unknown(path, entry.Plugin, catalog));
        }
        else if (!plugin.FitsIn(place))
        {
            _errors.Add(PluginErrors.WrongPlace(path, plugin, place, allowed));
        }
        else
        {
            if (place == PluginPlace.Chain) ValidateChainSettings(entry, plugin);
            else RefuseAllButTimeout(entry, place);
            plugin.ReadOptions(entry.Options, _errors);
        }
    }

    private void ValidateChainSettings(PluginEntry entry, PluginDescriptor plugin)
    {
        if (!plugin.Is(PluginKind.History))
            Refuse(entry, EntrySettings.ForHistories, $"is for history providers, and '{plugin.Name}' is a {PluginKind.Describe(plugin.Kinds)}");
        if (!plugin.Is(PluginKind.Context))
            Refuse(entry, [nameof(EntrySettings.Approve)], $"protects tools of context providers, and '{plugin.Name}' is a {PluginKind.Describe(plugin.Kinds)}");
        if (entry.Host.OnError != OnError.Skip || plugin.AllowSkip) return;
        _errors.Add(new(
            entry.Host.Section.PathOf(nameof(EntrySettings.OnError)),
            $"Plugin '{plugin.Name}' may not be skipped: a run must not continue without it.",
            "Remove OnError, or set it to fail."));
    }

    private void RefuseAllButTimeout(PluginEntry entry, PluginPlace place)
    {
        var what = place == PluginPlace.SessionStore ? "the session store" : "a chat client";
        Refuse(entry, EntrySettings.Names.Except([nameof(EntrySettings.Timeout)]), $"is for entries of a chain, not for {what}");
    }

    private void Refuse(PluginEntry entry, IEnumerable<string> settings, string reason) =>
        _errors.AddRange(settings.Where(entry.Host.Section.Json.ContainsKey)
            .Select(s => new ConfigurationError(entry.Host.Section.PathOf(s), $"'{s}' {reason}.", "Remove it.")));

    private void ValidateHistories(AgentConfiguration agent)
    {
        var loading = agent.Chain.Where(e => e.Host.Load && catalog.Find(e.Plugin)?.Is(PluginKind.History) == true).ToList();
        var allowed = agent.AllowSeveralHistories;
        if (loading.Count(e => !allowed.Contains(e.SourceId) && !allowed.Contains(e.Name)) < 2) return;
        _errors.Add(new(
            $"Agents:{agent.Name}:Chain",
            $"Several histories load: {string.Join(", ", loading.Select(e => e.SourceId))}. The model would get every message several times.",
            "Set Load to false for all but one, or name those that may load beside another one in AllowSeveralHistories."));
    }

    /// <summary>Defaults of a plugin that no entry uses are not checked with an entry.</summary>
    private void ValidateDefaults(string name, PluginDefaults defaults)
    {
        if (catalog.Plugins.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is not { } plugin)
        {
            _errors.Add(PluginErrors.Unknown(defaults.Path, name, catalog));
            return;
        }

        _errors.AddRange(plugin.FindUnknown(defaults.Options).Select(name => PluginErrors.UnknownOption(plugin, defaults.Options, name)));
    }
}
