using System.Text.Json.Nodes;
using PluginHost.Engine.Configuration.Access;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Tests.Outcomes;

/// <summary>
/// How a host of these tests is configured: on SQLite as it ships, or on files alone. Belongs to a test, and outlives the hosts that it
/// stops and starts again.
/// </summary>
internal sealed class OutcomeSetup(string store) : IDisposable
{
    /// <summary>Where the host was built to, with the shipped plugins beside it.</summary>
    public static string HostFolder { get; } = FindHostFolder();

    public static TheoryData<string> Stores { get; } = ["sqlite", "files"];

    public TemporaryFolder Folder { get; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The fixture plugins beside those that ship.</summary>
    public IReadOnlyList<string> Fixtures { get; init; } = ["MisbehavingPlugin"];

    /// <summary>Entries of the chain before the history and behind it, as JSON; FOLDER is the folder of this setup.</summary>
    public string Before { get; init; } = "";

    public string Behind { get; init; } = "";

    /// <summary>Members of <c>Host</c> of the history's entry, as JSON.</summary>
    public string HistoryHost { get; init; } = "";

    /// <summary>More root sections, as JSON.</summary>
    public string Root { get; init; } = "";

    /// <summary>More agents: each name with the entry that stands before the history in its chain.</summary>
    public IReadOnlyDictionary<string, string> Agents { get; init; } = new Dictionary<string, string>();

    /// <summary>More agents, as members of <c>Agents</c>.</summary>
    public string MoreAgents { get; init; } = "";

    /// <summary>Members of <c>Sessions</c>, as JSON.</summary>
    public string Sessions { get; init; } = "";

    /// <summary>More members of <c>Model</c>, as JSON.</summary>
    public string Model { get; init; } = "";

    /// <summary>More members of the agent, as JSON.</summary>
    public string Agent { get; init; } = "";

    /// <summary>Members of <c>Server</c>, as JSON.</summary>
    public string Server { get; init; } = "";

    public string ShutdownTimeout { get; init; } = "20s";

    /// <summary>The environment variables of the host.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>The text of the configuration file, instead of the one that is made of the other members; FOLDER is the folder of this setup.</summary>
    public string? Text { get; init; }

    /// <summary>The keys that callers need; none for a host without keys.</summary>
    public IReadOnlyList<ApiKey> Keys { get; init; } = [];

    /// <summary>The agents' <c>Model</c>, as JSON; null for the model server.</summary>
    public string? Client { get; init; }

    /// <summary>Answers with the built-in echo instead of a model server.</summary>
    public bool Echo { get; init; }

    public string Data => Path.Combine(Folder.Path, "data");

    /// <summary>Writes the configuration file, and returns its path.</summary>
    public string Write(string endpoint)
    {
        if (Text is not null) return Folder.Write("config/appsettings.json", Text.Replace("FOLDER", Folder.Path, StringComparison.Ordinal));
        var (history, sessions) = store == "sqlite"
            ? ($$"""{ "Plugin": "sqlite-history", "Options": { "Path": "{{Data}}/sessions.db" } }""", $$"""{ "Plugin": "sqlite-sessions", "Options": { "Path": "{{Data}}/sessions.db" } }""")
            : ($$"""{ "Plugin": "file-history", "Options": { "Path": "{{Data}}" } }""", $$"""{ "Plugin": "file-sessions", "Options": { "Path": "{{Data}}" } }""");
        if (HistoryHost.Length > 0) history = $$"""{ "Host": { {{HistoryHost}} }, {{history[1..]}}""";
        var client = Client ?? (Echo
            ? """{ "Client": "echo" }"""
            : $$"""{ "Client": "openai", "Endpoint": "{{endpoint}}", "ApiKeyEnvironment": "", "MaxRetries": 0{{(Model.Length > 0 ? ", " + Model : "")}} }""");
        var agents = string.Concat(Agents.Select(a => $$""", "{{a.Key}}": { "Model": {{client}}, "Chain": [ {{a.Value}}, {{history}} ] }"""));
        var chain = string.Join(", ", new[] { Before, history, Behind }.Where(e => e.Length > 0));
        var keys = Keys.Count == 0 ? "" : $$""", "KeyFile": "{{Folder.Write("keys", string.Join('\n', Keys.Select(KeyFile.ToLine)))}}" """;
        var text = $$"""
            {
              "PluginFolders": ["{{AddFixtures()}}"],
              "Agents": { "assistant": { "Model": {{client}}, "Chain": [ {{chain}} ]{{(Agent.Length > 0 ? ", " + Agent : "")}} }{{agents}}{{(MoreAgents.Length > 0 ? ", " + MoreAgents.Replace("ENDPOINT", endpoint, StringComparison.Ordinal) : "")}} },
              "Sessions": { "Store": {{sessions}}{{(Sessions.Length > 0 ? ", " + Sessions : "")}} },
              "Server": { "Listen": [ "http://127.0.0.1:0" ], "ShutdownTimeout": "{{ShutdownTimeout}}"{{keys}}{{(Server.Length > 0 ? ", " + Server : "")}} },
              "Logging": { "LogLevel": { "Default": "Information", "Microsoft": "Warning" } }{{(Root.Length > 0 ? ", " + Root : "")}}
            }
            """;
        return Folder.Write("config/appsettings.json", JsonNode.Parse(text.Replace("FOLDER", Folder.Path, StringComparison.Ordinal))!.ToJsonString());
    }

    public void Dispose() => Folder.Dispose();

    private string AddFixtures()
    {
        var plugins = Path.Combine(Folder.Path, "plugins");
        foreach (var fixture in Fixtures)
        {
            var target = Directory.CreateDirectory(Path.Combine(plugins, fixture));
            foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "fixtures", fixture)))
                File.Copy(file, Path.Combine(target.FullName, Path.GetFileName(file)), overwrite: true);
        }

        return plugins;
    }

    private static string FindHostFolder()
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(RepositoryFiles.Root, "src", "Host", "bin", output.Parent!.Name, output.Name);
    }
}
