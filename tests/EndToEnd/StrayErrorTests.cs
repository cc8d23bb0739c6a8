using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PluginHost.EndToEnd;

/// <summary>Errors of plugin threads and tasks that outlive their run.</summary>
public sealed partial class StrayErrorTests
{
    [Fact]
    public async Task An_exception_on_a_plugins_own_thread_does_not_end_the_host()
    {
        using var folder = CreateFolder("""{ "Plugin": "misbehaving-context", "Options": { "Does": "LeavesThread" } }""");
        await using var host = await RunningHost.StartAsync(folder);

        await host.Api.RunAsync("ada", "hi");
        await host.WaitForLogAsync(StrayThread());

        Assert.Equal("completed", (string?)(await host.Api.RunAsync("ada", "again"))["status"]);
        await host.StopAsync();
        Assert.DoesNotContain("on a separate thread", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exception_in_an_unobserved_task_of_a_plugin_is_logged_and_does_not_end_the_host()
    {
        // .NET reports an unobserved exception when the task is garbage-collected. The second plugin allocates to cause that.
        using var folder = CreateFolder("""
            { "Plugin": "misbehaving-context", "Options": { "Does": "LeavesTask" } }, { "Plugin": "misbehaving-context", "Name": "two", "Options": { "Does": "Allocates" } }
            """);
        await using var host = await RunningHost.StartAsync(folder);

        for (var i = 0; i < 100 && !StrayTask().IsMatch(host.Output); i++) await host.Api.RunAsync("ada", "hi");

        await host.WaitForLogAsync(StrayTask());
        await host.StopAsync();
    }

    private static WorkFolder CreateFolder(string entries)
    {
        var configuration = JsonNode.Parse($$"""
            {
              "PluginFolders": ["plugins"],
              "Agents": { "assistant": { "Chain": [ {{entries}}, { "Plugin": "sqlite-history", "Options": { "Path": "data/s.db" } } ] } },
              "Sessions": { "Store": { "Plugin": "sqlite-sessions", "Options": { "Path": "data/s.db" } } }
            }
            """)!;
        var folder = WorkFolder.Create(configuration.ToJsonString());
        folder.InstallPlugin(BuildOutputs.MisbehavingFolder, "MisbehavingPlugin");
        return folder;
    }

    [GeneratedRegex("A thread or timer outside of runs has failed")]
    private static partial Regex StrayThread();

    [GeneratedRegex("A task that no caller awaits has failed")]
    private static partial Regex StrayTask();
}
