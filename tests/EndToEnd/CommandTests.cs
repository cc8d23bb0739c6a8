using System.Text.Json.Nodes;
using PluginHost.EndToEnd.Swaps;

namespace PluginHost.EndToEnd;

public sealed class CommandTests
{
    [Theory]
    [InlineData("None", 0, "Started and stopped: sqlite-sessions, sqlite-history, versioned.")]
    [InlineData("StartThrows", 1, "Agents:assistant:Chain:1: ")]
    [InlineData("Unhealthy", 1, "versioned: It is not healthy: ")]
    public async Task Check_starts_and_stops_all_plugins_on_request(string fault, int expected, string text)
    {
        using var folder = WorkFolder.Create(VersionedHost.Configuration(SwapStore.Sqlite, $$""", "Options": { "Fault": "{{fault}}" } """));
        folder.InstallPlugin(BuildOutputs.VersionedFolders[0], "Versioned");

        var (code, output, errors) = await RunningHost.RunAsync(folder, ["check", "--start"]);

        Assert.Equal(expected, code);
        Assert.Contains(text, expected == 0 ? output : errors, StringComparison.Ordinal);
        Assert.Contains("is valid: 1 agent", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(folder["data/plugins/versioned"], "*.alive"));
        // Nothing holds the stores any more.
        folder.Configure(VersionedHost.Configuration(SwapStore.Sqlite));
        await using var host = await RunningHost.StartAsync(folder);
    }

    [Fact]
    public async Task Check_accepts_the_shipped_configuration_and_creates_no_files()
    {
        using var folder = WorkFolder.CreateShipped();
        var (code, output, errors) = await RunningHost.RunAsync(folder, ["check"]);

        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("is valid", output, StringComparison.Ordinal);
        Assert.Contains("assistant: sqlite-history → memory → echo", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["data"]));
    }

    [Fact]
    public async Task Check_lists_all_errors_and_exits_with_1()
    {
        using var folder = WorkFolder.CreateShipped();
        StartupFailure.Check(
            await RunningHost.RunAsync(folder, ["check", "--Server:MaxBodyBytes=none"], ("OTEL_EXPORTER_OTLP_PROTOCOL", "pigeon")),
            "2 errors:", "Server:MaxBodyBytes", "command line", "OTEL_EXPORTER_OTLP_PROTOCOL");
    }

    [Fact]
    public async Task Plugins_lists_names_kinds_and_options()
    {
        using var folder = WorkFolder.CreateShipped();
        var (code, output, errors) = await RunningHost.RunAsync(folder, ["plugins"]);

        Assert.Equal((0, ""), (code, errors));
        string[] names = ["sqlite-history", "sqlite-sessions", "file-history", "file-sessions", "memory"];
        string[] words = ["history provider", "session store", "context provider"];
        Assert.All([.. names, .. words], text => Assert.Contains(text, output, StringComparison.Ordinal));
        Assert.Contains("MaxFacts", (await RunningHost.RunAsync(folder, ["plugins", "memory"])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plugins_can_be_listed_as_JSON()
    {
        using var folder = WorkFolder.CreateShipped();
        var (code, output, _) = await RunningHost.RunAsync(folder, ["plugins", "--json"]);

        Assert.Equal(0, code);
        Assert.Contains("memory", JsonNode.Parse(output)!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plugins_lists_valid_plugins_beside_an_invalid_one_and_exits_with_1()
    {
        using var folder = WorkFolder.CreateShipped();
        folder.Write("plugins/Text/Text.dll", "no assembly");
        var run = await RunningHost.RunAsync(folder, ["plugins"], ("PluginFolders__0", "plugins"));

        StartupFailure.Check(run, "Text.dll is not a .NET assembly");
        Assert.Contains("memory", run.Output, StringComparison.Ordinal);
    }
}
