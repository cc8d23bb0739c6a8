using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Listening;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Configuration.Paths;

namespace PluginHost.Engine.Configuration.Binding;

/// <summary>Reads the root of the configuration, and completes it with what files and the environment add.</summary>
internal sealed class HostReader(
    HostPaths paths, IReadOnlyDictionary<string, string> environment, List<ConfigurationError> errors, List<ConfigurationError> warnings)
{
    public static OptionType Root { get; } = OptionsModel.ReadSettings(typeof(HostConfiguration));

    public HostConfiguration Read(OptionsSection root)
    {
        var entries = new EntryReader(root, errors);
        var values = new OptionsReader(errors, new OptionSources(paths, environment), entries.Prepare).Read(Root, root);
        if (entries.Warning is { } warning) warnings.Add(warning);
        var configuration = (HostConfiguration)OptionsFactory.Create(typeof(HostConfiguration), values);
        return configuration with
        {
            Agents = configuration.Agents.ToDictionary(a => a.Key, a => Complete(a.Key, a.Value)),
            Sessions = configuration.Sessions with { Store = configuration.Sessions.Store is { Plugin.Length: > 0 } store ? store : null },
            Server = Complete(configuration.Server),
            Cluster = Complete(configuration.Cluster),
            PluginFolders = Complete(configuration.PluginFolders),
            PluginTrust = configuration.PluginTrust with { ConformanceKeys = configuration.PluginTrust.ConformanceKeys?.Select(paths.Resolve).ToList() },
            PluginLoading = configuration.PluginLoading with { Cache = configuration.PluginLoading.Cache is { } cache ? paths.Resolve(cache) : null },
        };
    }

    private static AgentConfiguration Complete(string name, AgentConfiguration agent)
    {
        var model = agent.Model;
        var builtIn = ModelConfiguration.BuiltInClients.FirstOrDefault(c => c.Equals(model.Client, StringComparison.OrdinalIgnoreCase));
        var plugin = builtIn is null ? new PluginEntry { Plugin = model.Client, Section = model.Section, Host = model.Host, Options = model.Options } : null;
        return agent with
        {
            Name = name,
            Model = model with { Client = builtIn ?? model.Client, Plugin = plugin },

            // An entry without a plugin is an error already.
            Chain = [.. agent.Chain.Select((e, i) => e with { Index = i }).Where(e => e.Plugin.Length > 0)],
        };
    }

    private ServerConfiguration Complete(ServerConfiguration server)
    {
        var keyFile = server.KeyFile is null ? null : paths.Resolve(server.KeyFile);
        var tokenKeys = server.Jwt?.KeysFile is null ? null : paths.Resolve(server.Jwt.KeysFile);
        WarnOfWriters("Server:KeyFile", keyFile);
        WarnOfWriters("Server:Jwt:KeysFile", tokenKeys);
        var isPublic = server.Listen.Any(l => ListenAddress.TryParse(l) is { IsLocal: false });
        var keys = new KeySources(paths, environment, isPublic, errors, warnings).Read(server.ApiKeys);
        var before = errors.Count;
        var fileKeys = keyFile is null ? [] : KeyFile.Read(keyFile, errors);
        if (keyFile is not null && fileKeys.Count + keys.Count == 0 && server.Jwt is null && errors.Count == before) errors.Add(KeyFile.HoldsNone(keyFile));
        return server with
        {
            Keys = keys,
            KeyFile = keyFile,
            FileKeys = fileKeys,
            Jwt = tokenKeys is null ? server.Jwt : server.Jwt! with { KeysFile = tokenKeys },
        };
    }

    private ClusterConfiguration Complete(ClusterConfiguration cluster)
    {
        if (cluster.Tls is not { } tls) return cluster;
        var key = Resolve(tls.PrivateKeyFile);
        if (key.Length > 0 && SecretFile.WarnOfReaders("Cluster:Tls:PrivateKeyFile", key) is { } warning) warnings.Add(warning);
        return cluster with { Tls = tls with { CertificateFile = Resolve(tls.CertificateFile), PrivateKeyFile = key, AuthoritiesFile = Resolve(tls.AuthoritiesFile) } };

        // A missing one is an error already.
        string Resolve(string file) => file.Length == 0 ? file : paths.Resolve(file);
    }

    private void WarnOfWriters(string path, string? file)
    {
        if (file is not null && SecretFile.WarnOfWriters(path, file) is { } warning) warnings.Add(warning);
    }

    private List<string> Complete(IReadOnlyList<string> given)
    {
        var folders = new List<string> { StoredSpelling.Find(Path.Combine(paths.BaseDirectory, "plugins")) };
        for (var i = 0; i < given.Count; i++)
        {
            var folder = StoredSpelling.Find(paths.Resolve(given[i]));
            if (!Directory.Exists(folder))
                errors.Add(new($"PluginFolders:{i}", $"There is no folder '{folder}'.", "Create it, or remove it from the list."));
            else if (File.Exists(Path.Combine(folder, $"{Path.GetFileName(folder)}.dll")))
                errors.Add(new($"PluginFolders:{i}", $"'{folder}' is the folder of one plugin.", $"Name the folder that holds it: '{Path.GetDirectoryName(folder)}'."));
            else if (!folders.Contains(folder))
                folders.Add(folder);
        }

        return folders;
    }
}
