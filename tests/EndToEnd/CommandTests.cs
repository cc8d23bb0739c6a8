using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd;

public sealed class CommandTests
{
    [Fact]
    public async Task Check_says_that_the_shipped_configuration_is_good_and_leaves_nothing_behind()
    {
        using var folder = WorkFolder.Shipped();
        var (code, output, errors) = await RunningHost.RunAsync(folder, ["check"]);

        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("is good", output, StringComparison.Ordinal);
        Assert.Contains("assistant: sqlite-history → memory → echo", output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["data"]));
    }

    [Fact]
    public async Task Check_lists_what_is_wrong_and_exits_with_1()
    {
        using var folder = WorkFolder.Shipped();
        StartupRefusal.Check(
            await RunningHost.RunAsync(folder, ["check", "--Server:MaxBodyBytes=none"], ("OTEL_EXPORTER_OTLP_PROTOCOL", "pigeon")),
            "2 errors:", "Server:MaxBodyBytes", "command line", "OTEL_EXPORTER_OTLP_PROTOCOL");
    }

    [Fact]
    public async Task Plugins_lists_names_kinds_and_options()
    {
        using var folder = WorkFolder.Shipped();
        var (code, output, errors) = await RunningHost.RunAsync(folder, ["plugins"]);

        Assert.Equal((0, ""), (code, errors));
        string[] names = ["sqlite-history", "sqlite-sessions", "file-history", "file-sessions", "memory"];
        string[] words = ["history provider", "session store", "context provider", "MaxFacts"];
        Assert.All([.. names, .. words], text => Assert.Contains(text, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Plugins_as_JSON_can_be_read_by_programs()
    {
        using var folder = WorkFolder.Shipped();
        var (code, output, _) = await RunningHost.RunAsync(folder, ["plugins", "--json"]);

        Assert.Equal(0, code);
        Assert.Contains("memory", JsonNode.Parse(output)!.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plugins_lists_the_good_ones_beside_a_broken_one_and_exits_with_1()
    {
        using var folder = WorkFolder.Shipped();
        folder.Write("plugins/Text/Text.dll", "no assembly");
        var run = await RunningHost.RunAsync(folder, ["plugins"], ("PluginFolders__0", "plugins"));

        StartupRefusal.Check(run, "Text.dll is not a .NET assembly");
        Assert.Contains("memory", run.Output, StringComparison.Ordinal);
    }
}
