using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Benchmarks.Plugins;

/// <summary>A folder with a configuration file, documents and the data of plugins. Disposing deletes it. Commands run in the folder of the repository.</summary>
internal sealed class PluginSite : IDisposable
{
    private const int Documents = 400, SectionsPerDocument = 10;

    /// <summary>For example <c>bin/Release/net10.0</c>: other projects are built to a folder of that name too.</summary>
    private static readonly string Output = FindOutput(new DirectoryInfo(AppContext.BaseDirectory));

    /// <summary>In a folder that git ignores, because a kill leaves it.</summary>
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Environment.CurrentDirectory, "artifacts", $"plugins-{Guid.NewGuid():N}")).FullName;

    /// <summary>The MCP server of the tests.</summary>
    public static string McpServer { get; } = Path.GetFullPath(Path.Combine("tests", "McpServer", Output, "McpServer.dll"));

    public HostPaths Paths => new(_folder, Path.GetFullPath(Path.Combine("src", "Host", Output)));

    /// <summary>Writes documents of 4,000 sections, each one passage.</summary>
    public void WriteDocuments(MadeText text)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "documents")).FullName;
        for (var i = 0; i < Documents; i++) File.WriteAllText(Path.Combine(folder, $"{i}.md"), text.Document(SectionsPerDocument));
    }

    /// <summary>Writes the configuration file, and returns its path.</summary>
    /// <param name="agents">The names of the agents with their chains, as JSON.</param>
    /// <param name="plugins">The section <c>Plugins</c>, as JSON.</param>
    /// <param name="store">The entry of the session store, as JSON; null for none.</param>
    public string WriteConfiguration(IEnumerable<(string Agent, string Chain)> agents, string plugins, string? store)
    {
        var sections = agents.Select(a => KeyValuePair.Create(
            a.Agent, JsonNode.Parse($$"""{ "Model": { "Client": "echo" }, "Instructions": "Be brief.", "Chain": [ {{a.Chain}} ] }""")));
        var configuration = new JsonObject { ["Agents"] = new JsonObject(sections), ["Plugins"] = JsonNode.Parse(plugins) };
        if (store is not null) configuration["Sessions"] = new JsonObject { ["Store"] = JsonNode.Parse(store) };
        var file = Path.Combine(_folder, "appsettings.json");
        File.WriteAllText(file, configuration.ToJsonString());
        return file;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string FindOutput(DirectoryInfo folder) => Path.Combine("bin", folder.Parent!.Name, folder.Name);
}
