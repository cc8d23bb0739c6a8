using System.Text.RegularExpressions;
using PluginHost.Engine.Configuration.Listening;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Checks what is more than form, and needs no look at plugins.</summary>
internal static partial class ConfigurationValidator
{
    public static void Validate(HostConfiguration configuration, List<ConfigurationError> errors)
    {
        if (configuration.Agents.Count == 0)
            errors.Add(new("Agents", "There is no agent.", "Write at least one: \"Agents\": { \"assistant\": {} }."));
        foreach (var agent in configuration.Agents) Validate(agent, errors);
        foreach (var defaults in configuration.PluginDefaults) ValidateDefaults(defaults, errors);
        ListenValidator.Validate(configuration.Server, errors);
    }

    private static void Validate(AgentConfiguration agent, List<ConfigurationError> errors)
    {
        var path = $"Agents:{agent.Name}";
        if (!AgentName().IsMatch(agent.Name))
            errors.Add(new(
                path,
                "This is not a name for an agent.",
                "Allowed are 1 to 64 ASCII letters, digits, dots, underscores and hyphens."));

        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in agent.Chain)
        {
            ValidateName(entry, errors);
            if (!seen.TryAdd(entry.SourceId, entry.Path))
            {
                errors.Add(new(
                    entry.Path,
                    $"'{entry.SourceId}' is already in the chain, at {seen[entry.SourceId]}.",
                    "Give one of them a Name of its own."));
            }
        }

        foreach (var entry in agent.Chain)
        {
            foreach (var source in entry.StoreContextFrom.Where(s => !seen.ContainsKey(s)))
                errors.Add(NotInChain(entry.Given.GetValueOrDefault("StoreContextFrom", entry.Path), source, seen.Keys));
        }

        var names = agent.Chain.Select(e => e.Name).Concat(seen.Keys).Distinct().ToList();
        foreach (var name in agent.AllowSeveralHistories.Where(n => !names.Contains(n)))
            errors.Add(NotInChain($"{path}:AllowSeveralHistories", name, names));
    }

    private static void ValidateName(PluginEntry entry, List<ConfigurationError> errors)
    {
        if (entry.Given.TryGetValue("Name", out var path) && !AgentName().IsMatch(entry.Name))
            errors.Add(new(
                path,
                $"'{entry.Name}' is not a name for an entry.",
                "Allowed are 1 to 64 ASCII letters, digits, dots, underscores and hyphens."));
    }

    private static void ValidateDefaults(OptionsSection defaults, List<ConfigurationError> errors)
    {
        foreach (var setting in (string[])["Plugin", "Name"])
        {
            if (defaults.Json.ContainsKey(setting))
                errors.Add(new(
                    defaults.PathOf(setting),
                    $"'{setting}' belongs to one entry and has no default.",
                    "Write it in the entry."));
        }
    }

    private static ConfigurationError NotInChain(string path, string name, IEnumerable<string> names) =>
        new(path, $"'{name}' is not in the chain.{Spelling.DidYouMean(name, names)}", $"The chain holds {Spelling.List(names)}.");

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z")]
    private static partial Regex AgentName();
}
