namespace PluginHost.Benchmarks.Compare;

/// <summary>A form of the host that is compared with others.</summary>
/// <param name="Name">What it is called in the results.</param>
/// <param name="Configuration">Its configuration file.</param>
/// <param name="Variables">Environment variables that override the file.</param>
internal sealed record HostForm(string Name, string Configuration, params (string Name, string Value)[] Variables)
{
    /// <summary>Both SQLite stores in one file, a window of 50 messages, and the echo model.</summary>
    public static HostForm Sqlite { get; } = new(
        "SQLite stores",
        """
        {
          "Agents": { "assistant": { "Model": { "Client": "echo" }, "Chain": [ { "Plugin": "sqlite-history", "Host": { "Window": 50 } } ] } },
          "Sessions": { "Store": { "Plugin": "sqlite-sessions" } },
          "Plugins": { "sqlite-history": { "Options": { "Path": "data/sessions.db" } }, "sqlite-sessions": { "Options": { "Path": "data/sessions.db" } } }
        }
        """);

    /// <summary>Both stores of files.</summary>
    public static HostForm Files { get; } = new(
        "file stores",
        """
        {
          "Agents": { "assistant": { "Model": { "Client": "echo" }, "Chain": [ { "Plugin": "file-history", "Host": { "Window": 50 } } ] } },
          "Sessions": { "Store": { "Plugin": "file-sessions" } }
        }
        """);

    /// <summary>Both stores in memory.</summary>
    public static HostForm Memory { get; } = new("stores in memory", """{ "Agents": { "assistant": { "Model": { "Client": "echo" } } } }""");

    /// <summary>What the repository ships: the chain has another plugin than the history.</summary>
    public static HostForm Shipped => new("the shipped chain", File.ReadAllText(Path.Combine("config", "appsettings.json")));
}
