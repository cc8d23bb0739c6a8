using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Cli.Authors;

/// <summary>
/// A temporary folder with a copy of each build and a configuration in which the plugin is used: in the chain of an agent with the echo
/// model, as that model's client, or as the session store. Disposing deletes it.
/// </summary>
internal sealed class DevSite : IDisposable
{
    public const string Agent = "dev";

    private readonly string _root = Directory.CreateTempSubdirectory("pluginhost-dev-").FullName;
    private int _builds;

    /// <summary>The configuration file of the last build.</summary>
    public string ConfigurationFile => Path.Combine(_root, "appsettings.json");

    /// <summary>Relative paths of options are below it.</summary>
    public string DataFolder => Path.Combine(_root, "site");

    /// <summary>Copies a build, so that the next one can replace its files, and writes the configuration that uses it.</summary>
    public void Add(DevBuildResult build)
    {
        // A new folder for each build: files that the next one does not have must not stay.
        var plugins = Path.Combine(_root, $"build-{++_builds}");
        var source = build.Output!;
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(plugins, build.Name, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        Directory.CreateDirectory(DataFolder);
        File.WriteAllText(ConfigurationFile, Configure(plugins, PluginCatalog.Discover([plugins]).Plugins).ToJsonString(JsonSerializerOptions.Default));
    }

    public void Dispose() => PrivateCopy.TryDelete(_root);

    private static JsonObject Configure(string plugins, IReadOnlyList<PluginDescriptor> found)
    {
        var agent = new JsonObject
        {
            ["Chain"] = new JsonArray([.. found.Where(p => p.FitsIn(PluginPlace.Chain)).Select(Entry)]),
        };
        if (found.FirstOrDefault(p => p.FitsIn(PluginPlace.ModelClient)) is { } client)
            agent[nameof(AgentConfiguration.Model)] = new JsonObject { [nameof(ModelConfiguration.Client)] = client.Name };
        var configuration = new JsonObject
        {
            [nameof(HostConfiguration.PluginFolders)] = new JsonArray(plugins),
            [nameof(HostConfiguration.Agents)] = new JsonObject { [Agent] = agent },
            [nameof(HostConfiguration.Server)] = new JsonObject { [nameof(ServerConfiguration.Listen)] = new JsonArray("http://127.0.0.1:0") },
        };
        if (found.FirstOrDefault(p => p.FitsIn(PluginPlace.SessionStore)) is { } store)
            configuration[nameof(HostConfiguration.Sessions)] = new JsonObject { [nameof(SessionsConfiguration.Store)] = Entry(store) };
        return configuration;
    }

    private static JsonNode Entry(PluginDescriptor plugin) => new JsonObject { [nameof(PluginEntry.Plugin)] = plugin.Name };
}
