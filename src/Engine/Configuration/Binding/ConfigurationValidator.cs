using System.Globalization;
using System.Text.RegularExpressions;
using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Listening;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Checks what concerns more than one setting, and does not depend on plugins.</summary>
internal static class ConfigurationValidator
{
    /// <summary>The least length of the key that hosts share, so that it cannot be guessed.</summary>
    private const int MinKeyLength = 16;

    private const string LevelSection = "LogLevel", ConsoleSection = "Console", ScopesSetting = "CaptureScopes";

    private static readonly string[] LoggingSections = [LevelSection, ConsoleSection];

    private static readonly string[] LogLevels = Enum.GetNames<LogLevel>();

    /// <summary>The settings of the console log with the names that each takes; without names, a whole number above zero.</summary>
    private static readonly Dictionary<string, string[]> ConsoleSettings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["FormatterName"] = ["json", "simple", "systemd"],
        ["LogToStandardErrorThreshold"] = LogLevels,
        ["MaxQueueLength"] = [],
        ["QueueFullMode"] = ["DropWrite", "Wait"],
    };

    public static void Validate(HostConfiguration configuration, List<ConfigurationError> errors)
    {
        if (configuration.Agents.Count == 0)
            errors.Add(new("Agents", "There is no agent.", "Write at least one: \"Agents\": { \"assistant\": {} }."));
        foreach (var agent in configuration.Agents.Values) Validate(agent, errors);
        ValidateAliases(configuration.Agents.Values, errors);
        new ServerValidator(configuration.Server, errors).Validate();
        ValidateCluster(configuration.Cluster, errors);
        ValidateLogging(configuration.Logging, errors);
    }

    private static void Validate(AgentConfiguration agent, List<ConfigurationError> errors)
    {
        var path = $"Agents:{agent.Name}";
        if (!Regex.IsMatch(agent.Name, $@"\A{AgentNames.Pattern}\z"))
            errors.Add(new(path, "This is not a name for an agent.", $"Allowed are {AgentNames.Allowed}."));

        if (agent.SessionHeader is { } header && !Regex.IsMatch(header, @"\A[A-Za-z0-9_-]{1,64}\z"))
            errors.Add(new($"{path}:{nameof(agent.SessionHeader)}", $"'{header}' is not the name of a header.", "Allowed are 1 to 64 of A-Z a-z 0-9 _ -."));

        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in agent.Chain)
        {
            if (!seen.TryAdd(entry.SourceId, entry.Path))
                errors.Add(new(entry.Path, $"'{entry.SourceId}' is already in the chain, at {seen[entry.SourceId]}.", "Give one of them another Name."));
        }

        foreach (var entry in agent.Chain)
            AddMissing(entry.Host.StoreContextFrom, seen.Keys, entry.Host.Section.PathOf(nameof(entry.Host.StoreContextFrom)), errors);
        var names = agent.Chain.Select(e => e.Name).Concat(seen.Keys).Distinct().ToList();
        AddMissing(agent.AllowSeveralHistories, names, $"{path}:{nameof(agent.AllowSeveralHistories)}", errors);
    }

    private static void ValidateAliases(IEnumerable<AgentConfiguration> agents, List<ConfigurationError> errors)
    {
        var owners = agents.ToDictionary(a => a.Name, a => a.Name, StringComparer.Ordinal);
        foreach (var (agent, alias, index) in agents.SelectMany(a => a.Aliases.Select((alias, i) => (a, alias, i))))
        {
            var path = $"Agents:{agent.Name}:{nameof(agent.Aliases)}:{index}";
            if (!Regex.IsMatch(alias, $@"\A{AgentNames.AliasPattern}\z"))
                errors.Add(new(path, "This is not an alias.", $"Allowed are {AgentNames.AllowedAliases}."));
            else if (!owners.TryAdd(alias, agent.Name))
                errors.Add(new(path, $"'{alias}' is already a name of the agent '{owners[alias]}'.", "Remove one of them."));
        }
    }

    private static void ValidateTls(ClusterConfiguration cluster, ClusterTlsConfiguration tls, List<ConfigurationError> errors)
    {
        if (ListenAddress.TryParseTls(tls.Listen) is null)
            errors.Add(new("Cluster:Tls:Listen", $"'{tls.Listen}' is not an address to listen on with TLS.", "Write it as https://<ip>:<port>, or https://*:<port> for every address."));
        if (cluster.Address is not { Scheme: "https" })
            errors.Add(new("Cluster:Address", "With Cluster:Tls, the other hosts reach this one by TLS.", "Write the address that leads to Cluster:Tls:Listen: https://host:port."));
        if (cluster.Key is null)
            errors.Add(new("Cluster:Key", "Required with Cluster:Tls: the key proves for which caller a request is.", "Give all hosts the same key: { \"Environment\": \"<name>\" } or { \"File\": \"<path>\" }."));
        if (HostCertificates.Read(tls).Error is { } error) errors.Add(new("Cluster:Tls:CertificateFile", error, HostCertificates.Cure));
    }

    private static void ValidateCluster(ClusterConfiguration cluster, List<ConfigurationError> errors)
    {
        const string keyPath = "Cluster:Key";
        if (cluster.Key?.Reveal() is { Length: < MinKeyLength })
            errors.Add(new(keyPath, "The key is too short (its value is not shown).", $"Use {MinKeyLength} characters or more, for example: openssl rand -base64 32"));
        // One that lacks a setting is an error already.
        if (cluster.Tls is { Listen.Length: > 0, CertificateFile.Length: > 0, PrivateKeyFile.Length: > 0, AuthoritiesFile.Length: > 0, CertificateName.Length: > 0 } tls)
            ValidateTls(cluster, tls, errors);
        if (cluster.Address is not { } address) return;
        if (address is not { Scheme: "http" or "https", PathAndQuery: "/", Fragment: "", UserInfo: "" })
            errors.Add(new("Cluster:Address", $"'{address.OriginalString}' is not the address of a host.", "Write it as http://host:port, as the other hosts reach this one."));
        else if (address.DnsSafeHost is "0.0.0.0" or "::")
            errors.Add(new("Cluster:Address", $"'{address.OriginalString}' is every address of a machine: other hosts would reach themselves.", "Write the one by which the other hosts reach this one."));
        else if (!address.IsLoopback && cluster is { Key: null, Tls: null })
            errors.Add(new(keyPath, $"Required, because {address} can be reached from other machines.", "Give all hosts the same key: { \"Environment\": \"<name>\" } or { \"File\": \"<path>\" }."));
    }

    /// <summary>Checks .NET's section for logging, of which .NET ignores some errors and rejects others only while the host is put together.</summary>
    private static void ValidateLogging(OptionsSection logging, List<ConfigurationError> errors)
    {
        foreach (var (path, value) in logging.Flatten())
        {
            if (string.IsNullOrEmpty(value)) continue;
            var names = path.Split(':');
            // Logging:LogLevel:<category>, and Logging:<provider>:LogLevel:<category>.
            if (names.Skip(1).SkipLast(1).Contains(LevelSection, StringComparer.OrdinalIgnoreCase)) ValidateLevel(path, value, errors);
            else if (names.Length == 2 && names[1].Equals(ScopesSetting, StringComparison.OrdinalIgnoreCase)) ValidateScopes(path, value, errors);
            else if (names.Length == 2) errors.Add(new(path, "This is a value, and a section is expected.", $"Allowed are the sections {LevelSection} and {ConsoleSection}."));
            else if (names[1].Equals(ConsoleSection, StringComparison.OrdinalIgnoreCase)) ValidateConsole(names[2], path, value, errors);
            // Other sections belong to providers that plugins may bring.
            else if (Spelling.DidYouMean(names[1], LoggingSections).Length > 0) errors.Add(Spelling.Unknown($"{names[0]}:{names[1]}", names[1], LoggingSections));
        }
    }

    private static void ValidateLevel(string path, string value, List<ConfigurationError> errors)
    {
        if (!Enum.TryParse<LogLevel>(value, ignoreCase: true, out _))
            errors.Add(new(path, $"'{value}' is not a level.{Spelling.DidYouMean(value, LogLevels)}", $"Allowed are {string.Join(", ", LogLevels)}."));
    }

    private static void ValidateScopes(string path, string value, List<ConfigurationError> errors)
    {
        if (!bool.TryParse(value, out _)) errors.Add(new(path, $"'{value}' is not allowed.", "Allowed are true and false."));
    }

    private static void ValidateConsole(string setting, string path, string value, List<ConfigurationError> errors)
    {
        // Options of formatters are theirs to check.
        if (setting.Equals("FormatterOptions", StringComparison.OrdinalIgnoreCase)) return;
        if (!ConsoleSettings.TryGetValue(setting, out var allowed))
            errors.Add(Spelling.Unknown(path, setting, ConsoleSettings.Keys.Append("FormatterOptions").Append(LevelSection)));
        else if (allowed.Length > 0 && !allowed.Contains(value, StringComparer.OrdinalIgnoreCase))
            errors.Add(new(path, $"'{value}' is not allowed.{Spelling.DidYouMean(value, allowed)}", $"Allowed are {string.Join(", ", allowed)}."));
        else if (allowed.Length == 0 && !(int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0))
            errors.Add(new(path, $"'{value}' is not allowed.", "Allowed are whole numbers above 0."));
    }

    private static void AddMissing(IReadOnlyList<string> names, IReadOnlyCollection<string> inChain, string path, List<ConfigurationError> errors)
    {
        foreach (var name in names.Where(n => !inChain.Contains(n)))
        {
            errors.Add(new(
                path,
                $"'{name}' is not in the chain.{Spelling.DidYouMean(name, inChain)}",
                $"The chain holds {Spelling.List(inChain)}."));
        }
    }
}
