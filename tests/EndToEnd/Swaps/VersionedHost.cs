using System.Net;
using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd.Swaps;

/// <summary>A host with the plugin <c>versioned</c> in a folder that a test changes while the host serves.</summary>
internal sealed class VersionedHost : IAsyncDisposable
{
    private readonly WorkFolder _work;

    private VersionedHost(WorkFolder work, RunningHost host) => (_work, Host) = (work, host);

    public RunningHost Host { get; }

    public WorkFolder Work => _work;

    /// <summary>The folder of the plugin.</summary>
    public string Folder => _work["plugins/Versioned"];

    /// <summary>The folder of a plugin that ships with the host, for a host that was started with its own copy of them.</summary>
    public string Shipped(string plugin) => _work[$"host/plugins/{plugin}"];

    /// <summary>How many instances of the plugin live.</summary>
    public int Instances => Directory.GetFiles(_work["data/plugins/versioned"], "*.alive").Length;

    /// <param name="store">The settings of history and session store.</param>
    /// <param name="more">More root settings, each after a comma.</param>
    /// <param name="variables">Environment variables.</param>
    public static Task<VersionedHost> StartAsync(SwapStore store, string more = "", params IEnumerable<(string Name, string Value)> variables) =>
        StartAsync(store, options: "", more, variables);

    /// <param name="store">The settings of history and session store.</param>
    /// <param name="options">More members of the plugin's entry, each after a comma.</param>
    /// <param name="more">More root settings, each after a comma.</param>
    /// <param name="variables">Environment variables.</param>
    public static async Task<VersionedHost> StartAsync(SwapStore store, string options, string more, params IEnumerable<(string Name, string Value)> variables)
    {
        var work = WorkFolder.Create(Configuration(store, options, more));
        work.InstallPlugin(BuildOutputs.VersionedFolders[0], "Versioned");
        return new(work, await RunningHost.StartAsync(work, variables));
    }

    /// <summary>The same with a copy of the host, whose shipped plugins a test may change.</summary>
    public static async Task<VersionedHost> StartCopyAsync(SwapStore store, string more = "")
    {
        var work = WorkFolder.Create(Configuration(store, more: more));
        work.InstallPlugin(BuildOutputs.VersionedFolders[0], "Versioned");
        var source = Path.GetDirectoryName(BuildOutputs.HostAssembly)!;
        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories).Where(f => Path.GetExtension(f) is not (".pdb" or ".xml")))
        {
            var copy = Path.Combine(work["host"], Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return new(work, await RunningHost.StartAsync(work, Path.Combine(work["host"], Path.GetFileName(BuildOutputs.HostAssembly)), launcher: []));
    }

    public static string Configuration(SwapStore store, string options = "", string more = "") => $$"""
        {
          "Agents": { "assistant": { "Model": {{store.Model}}, "Chain": [ {{store.History}}, { "Plugin": "versioned" {{options}} } ] } },
          "Sessions": { "Store": {{store.Sessions}} },
          "PluginFolders": [ "plugins" ],
          "Logging": { "LogLevel": { "Default": "Information", "Microsoft.AspNetCore": "Warning" } }
          {{more}}
        }
        """;

    /// <summary>What an answer says of the versions that gave it.</summary>
    public static string Answer(int plugin, int library) => $"plugin {plugin}, library {library}.";

    public async Task<string> AskAsync() => await Host.Api.AskAsync("probe", "show instructions");

    public Task<JsonNode> ReloadAsync(HttpStatusCode expected = HttpStatusCode.OK, JsonNode? body = null) =>
        Host.Api.PostAsync("/v1/reload", body, expected);

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        _work.Dispose();
    }
}

/// <summary>Entries for a history and a session store.</summary>
internal sealed record SwapStore(string History, string Sessions)
{
    /// <summary>The settings of the model.</summary>
    public string Model { get; init; } = """{ "Client": "echo" }""";

    public static SwapStore Sqlite { get; } = new(
        """{ "Plugin": "sqlite-history", "Options": { "Path": "data/sessions.db" } }""", """{ "Plugin": "sqlite-sessions", "Options": { "Path": "data/sessions.db" } }""");

    public static SwapStore Files { get; } = new(
        """{ "Plugin": "file-history", "Options": { "Path": "data/files" } }""", """{ "Plugin": "file-sessions", "Options": { "Path": "data/files" } }""");
}
