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

    /// <summary>How many instances of the plugin live.</summary>
    public int Instances => Directory.GetFiles(_work["data/plugins/versioned"], "*.alive").Length;

    /// <param name="store">The settings of history and session store.</param>
    /// <param name="more">More root settings, each after a comma.</param>
    /// <param name="variables">Environment variables.</param>
    public static async Task<VersionedHost> StartAsync(SwapStore store, string more = "", params IEnumerable<(string Name, string Value)> variables)
    {
        var work = WorkFolder.Create(Configuration(store, more: more));
        work.InstallPlugin(BuildOutputs.VersionedFolders[0], "Versioned");
        return new(work, await RunningHost.StartAsync(work, variables));
    }

    public static string Configuration(SwapStore store, string options = "", string more = "") => $$"""
        {
          "Agents": { "assistant": { "Chain": [ {{store.History}}, { "Plugin": "versioned" {{options}} } ] } },
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
    public static SwapStore Sqlite { get; } = new(
        """{ "Plugin": "sqlite-history", "Path": "data/sessions.db" }""", """{ "Plugin": "sqlite-sessions", "Path": "data/sessions.db" }""");

    public static SwapStore Files { get; } = new(
        """{ "Plugin": "file-history", "Path": "data/files" }""", """{ "Plugin": "file-sessions", "Path": "data/files" }""");
}
