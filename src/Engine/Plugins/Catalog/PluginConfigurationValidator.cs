using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>Checks a configuration against the plugins that are there.</summary>
internal sealed class PluginConfigurationValidator(PluginCatalog catalog)
{
    private readonly List<ConfigurationError> _errors = [];

    public IReadOnlyList<ConfigurationError> Validate(HostConfiguration configuration)
    {
        foreach (var agent in configuration.Agents)
        {
            foreach (var entry in agent.Chain) ValidateChainEntry(entry);
            if (agent.Model.Plugin is { } client) ValidateClient(client);
            ValidateHistories(agent);
        }

        if (configuration.SessionStore is { } store) ValidateStore(store);
        foreach (var defaults in configuration.PluginDefaults) ValidateDefaults(defaults);

        // A wrong default of the Plugins section is met once for each entry of the plugin.
        return [.. _errors.Distinct()];
    }

    private void ValidateChainEntry(PluginEntry entry)
    {
        if (Find(entry) is not { } plugin) return;
        if (!plugin.FitsIn(PluginPlace.Chain))
        {
            _errors.Add(PluginErrors.WrongPlace(entry.Path, plugin, PluginPlace.Chain, Names(PluginPlace.Chain)));
            return;
        }

        if (!plugin.Is(PluginKind.History))
        {
            foreach (var setting in EntryReader.HistorySettings.Where(entry.Given.ContainsKey))
            {
                var message = $"'{setting}' is for history providers, and '{plugin.Name}' is a {PluginKind.Describe(plugin.Kinds)}.";
                _errors.Add(new(entry.Given[setting], message, "Remove it."));
            }
        }

        if (entry.OnError == OnError.Skip && !plugin.AllowSkip)
        {
            var message = $"Plugin '{plugin.Name}' may not be skipped: a run must not go on without it.";
            _errors.Add(new(entry.Given["OnError"], message, "Remove OnError, or set it to fail."));
        }

        ValidateOptions(entry, plugin);
    }

    private void ValidateClient(PluginEntry client)
    {
        if (catalog.Find(client.Plugin) is not { } plugin)
        {
            var known = Clients();
            var message = $"There is no chat client '{client.Plugin}'.{Spelling.DidYouMean(client.Plugin, known)}";
            _errors.Add(new($"{client.Path}:Client", message, $"There are {Spelling.List(known)}."));
        }
        else if (!plugin.FitsIn(PluginPlace.ModelClient))
        {
            _errors.Add(PluginErrors.WrongPlace($"{client.Path}:Client", plugin, PluginPlace.ModelClient, Clients()));
        }
        else
        {
            ValidateOptions(client, plugin);
        }
    }

    private void ValidateStore(PluginEntry store)
    {
        if (Find(store) is not { } plugin) return;
        foreach (var setting in EntryReader.HostSettings.Except(["Plugin", "Name", "Timeout"]).Where(store.Given.ContainsKey))
            _errors.Add(new(
                store.Given[setting],
                $"'{setting}' is for entries of a chain, not for the session store.",
                "Remove it."));
        if (plugin.FitsIn(PluginPlace.SessionStore)) ValidateOptions(store, plugin);
        else _errors.Add(PluginErrors.WrongPlace(store.Path, plugin, PluginPlace.SessionStore, Names(PluginPlace.SessionStore)));
    }

    private IEnumerable<string> Names(PluginPlace place) => catalog.Plugins.Where(p => p.FitsIn(place)).Select(p => p.Name);

    private List<string> Clients() => [.. AgentReader.BuiltInClients, .. Names(PluginPlace.ModelClient)];

    private void ValidateHistories(AgentConfiguration agent)
    {
        var loading = agent.Chain.Where(e => e.Load && catalog.Find(e.Plugin)?.Is(PluginKind.History) == true).ToList();
        var allowed = agent.AllowSeveralHistories;
        if (loading.Count(e => !allowed.Contains(e.SourceId) && !allowed.Contains(e.Name)) < 2) return;
        _errors.Add(new(
            $"Agents:{agent.Name}:Chain",
            $"Several histories load: {string.Join(", ", loading.Select(e => e.SourceId))}. The model would get every message several times.",
            "Set Load to false for all but one, or name those that may load beside another one in AllowSeveralHistories."));
    }

    /// <summary>Defaults of a plugin that no entry uses would otherwise never be looked at.</summary>
    private void ValidateDefaults(OptionsSection defaults)
    {
        var name = defaults.Path["Plugins:".Length..];
        var plugin = catalog.Plugins.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (plugin is null)
        {
            _errors.Add(PluginErrors.Unknown(defaults.Path, name, catalog));
            return;
        }

        var known = EntryReader.HostSettings.Concat(plugin.Options.Members.Select(m => m.Name)).ToList();
        foreach (var (member, _) in defaults.Json)
        {
            if (known.Contains(member, StringComparer.OrdinalIgnoreCase)) continue;
            var error = SectionReader.Unknown(defaults.PathOf(member), member, plugin.Options.Members.Select(m => m.Name));
            _errors.Add(PluginErrors.Option(plugin, error));
        }
    }

    private PluginDescriptor? Find(PluginEntry entry)
    {
        var plugin = catalog.Find(entry.Plugin);
        if (plugin is null) _errors.Add(PluginErrors.Unknown(entry, catalog));
        return plugin;
    }

    private void ValidateOptions(PluginEntry entry, PluginDescriptor plugin) => OptionsReader.Read(plugin, entry.Options, _errors);
}
