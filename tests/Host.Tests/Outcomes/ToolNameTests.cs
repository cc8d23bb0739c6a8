using PluginHost.ModelServer;

namespace PluginHost.Tests.Outcomes;

/// <summary>One plugin with tools, twice in a chain.</summary>
public sealed class ToolNameTests
{
    private static IEnumerable<string> ToolsOf(OutcomeHost host, int request) =>
        host.Model.Requests[request].Body["tools"]!.AsArray().Select(t => (string)t!["function"]!["name"]!);

    [Fact]
    public async Task Without_other_names_check_warns_and_a_run_names_both_entries_and_the_cure()
    {
        using var setup = new OutcomeSetup("files") { Behind = """{ "Plugin": "memory" }, { "Plugin": "memory", "Name": "notes" }""" };
        await using var host = await OutcomeHost.StartAsync(setup);

        var run = await host.RunAsync("s", "hi");

        var error = run.Json.ToString();
        Assert.Equal(500, run.Status);
        Assert.Contains("plugin 'memory' and by plugin 'memory/notes'", error.Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("Host:ToolPrefix", error, StringComparison.Ordinal);
        Assert.Equal(
            "Agents:assistant:Chain:2: Plugin 'memory' is in this chain as memory and as memory/notes. If it gives tools, each run fails, because their names are the same. Give one of them a Host:ToolPrefix.",
            Assert.Single(host.Setup.Warnings).ToString());
    }

    [Fact]
    public async Task With_a_prefix_or_other_names_both_serve_and_keep_their_facts_apart()
    {
        using var setup = new OutcomeSetup("files")
        {
            Behind = """
                { "Plugin": "memory" }, { "Plugin": "memory", "Name": "notes", "Host": { "ToolPrefix": "notes_" } },
                { "Plugin": "memory", "Name": "plans", "Host": { "ToolPrefix": "x_", "ToolNames": { "remember": "plan" } } }
                """,
        };
        await using var host = await OutcomeHost.StartAsync(setup);
        Assert.Empty(host.Setup.Warnings);
        host.Model.Enqueue(new ModelReply { Text = [], ToolCalls = [new("c1", "notes_remember", """{"fact":"The note."}"""), new("c2", "plan", """{"fact":"The plan."}""")] });

        var run = await host.RunAsync("s", "hi");

        Assert.Equal("completed", run.Run("status"));
        Assert.Contains("remember", ToolsOf(host, 0));
        Assert.Contains("notes_remember", ToolsOf(host, 0));
        Assert.Contains("plan", ToolsOf(host, 0));
        var state = (await host.GetAsync("/v1/sessions/s")).Json.ToString();
        Assert.Contains("The note.", state, StringComparison.Ordinal);
        Assert.Contains("The plan.", state, StringComparison.Ordinal);
    }
}
