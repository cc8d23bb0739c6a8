using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PluginHost.EndToEnd;

/// <summary>What plugins leave behind that fails when no run is there to tell of it.</summary>
public sealed partial class StrayErrorTests
{
    [Fact]
    public async Task A_thread_that_a_plugin_left_behind_fails_without_taking_the_host_down()
    {
        using var folder = Folder("""{ "Plugin": "misbehaving-context", "Does": "LeavesThread" }""");
        await using var host = await RunningHost.StartAsync(folder);

        await host.Api.RunAsync("ada", "hi");
        await host.WaitForLogAsync(StrayThread());

        Assert.Equal("completed", (string?)(await host.Api.RunAsync("ada", "again"))["status"]);
        await host.StopAsync();
        Assert.DoesNotContain("on a thread of my own", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_a_plugin_left_behind_fails_without_taking_the_host_down_and_is_logged()
    {
        // An error that nobody looks at is noticed when its memory is taken back, so the second plugin sees to that.
        using var folder = Folder("""
            { "Plugin": "misbehaving-context", "Does": "LeavesTask" }, { "Plugin": "misbehaving-context", "Name": "two", "Does": "Allocates" }
            """);
        await using var host = await RunningHost.StartAsync(folder);

        for (var i = 0; i < 100 && !StrayTask().IsMatch(host.Output); i++) await host.Api.RunAsync("ada", "hi");

        await host.WaitForLogAsync(StrayTask());
        await host.StopAsync();
    }

    private static WorkFolder Folder(string entries)
    {
        var configuration = JsonNode.Parse($$"""
            {
              "PluginFolders": ["plugins"],
              "Agents": { "assistant": { "Chain": [ {{entries}}, { "Plugin": "sqlite-history", "Path": "data/s.db" } ] } },
              "Sessions": { "Store": { "Plugin": "sqlite-sessions", "Path": "data/s.db" } }
            }
            """)!;
        var folder = WorkFolder.Configured(configuration.ToJsonString());
        folder.Drop(BuildOutputs.MisbehavingFolder, "MisbehavingPlugin");
        return folder;
    }

    [GeneratedRegex("A thread or timer that is not a run's has failed")]
    private static partial Regex StrayThread();

    [GeneratedRegex("A task that nobody waits for has failed")]
    private static partial Regex StrayTask();
}
