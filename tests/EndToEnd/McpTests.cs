using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.ModelServer;

namespace PluginHost.EndToEnd;

/// <summary>The tools of an MCP server, configured and called over HTTP.</summary>
[Trait("Form", "Long")]
public sealed class McpTests
{
    private static readonly string Server = Path.Combine(
        BuildOutputs.RepositoryRoot, "tests", "McpServer", "bin", BuildOutputs.Configuration, "net10.0", "McpServer.dll");

    private static string Configure(string use = "habits") =>
        $$"""
        {
          "Plugins": { "mcp": { "Options": { "Servers": {
            "habits": { "Command": "dotnet", "Arguments": [{{JsonSerializer.Serialize(Server)}}, "stdio"], "Prefix": "h_" },
            "away": { "Command": "no-such-program" } } } } },
          "Agents": { "assistant": { "Chain": [ { "Plugin": "file-history", "Options": { "Path": "data/files" } },
            { "Plugin": "mcp", "Options": { "Use": ["{{use}}", "away"], "Allow": ["add", "repeat", "act"] } } ] } },
          "Sessions": { "Store": { "Plugin": "file-sessions", "Options": { "Path": "data/files" } } }
        }
        """;

    [Fact]
    public async Task A_model_calls_a_tool_of_a_server_that_is_only_configured()
    {
        await using var model = await FakeModel.StartAsync(
            new ModelReply { ToolCalls = [new ModelToolCall("c1", "h_add", """{"a":2,"b":3}""")] }, new ModelReply { Text = ["Five."] });
        using var folder = WorkFolder.Create(Configure());
        await using var host = await RunningHost.StartAsync(folder, [.. ModelVariables.Create(model)]);

        using var answer = await host.Api.Http.PostAsJsonAsync("/v1/sessions/ada/runs", new { input = "What is 2 + 3?" });
        var run = await answer.Content.ReadAsStringAsync();
        var ready = await host.Api.Http.GetStringAsync("/health/ready");

        Assert.Contains("Five.", run, StringComparison.Ordinal);
        var sent = model.Requests[^1].Body.ToString();
        Assert.Contains("\"content\":\"5\"", sent.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("are not available at present.", sent, StringComparison.Ordinal);
        Assert.Contains("'away': The program cannot be started.", ready, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("h_repeat", "called again")]
    [InlineData("h_act", "outcome unknown")]
    public async Task After_kill_9_a_call_is_made_again_only_when_the_server_says_that_it_is_idempotent(string tool, string result)
    {
        using var folder = WorkFolder.Create(Configure());
        var mark = Path.Combine(folder.Path, "called");
        await using var model = await FakeModel.StartAsync(
            new ModelReply { ToolCalls = [new ModelToolCall("c1", tool, JsonSerializer.Serialize(new { file = mark }))] }, new ModelReply { Text = ["Done."] });
        string run;
        await using (var host = await RunningHost.StartAsync(folder, [.. ModelVariables.Create(model)]))
        {
            run = $"/v1/sessions/ada/runs/{(await host.Api.PostAsync("/v1/sessions/ada/runs", new JsonObject { ["input"] = "Go.", ["background"] = true }, HttpStatusCode.Accepted))["id"]}";
            using var limit = new CancellationTokenSource(ChildProcess.TimeLimit);
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
            while (!File.Exists(mark)) await timer.WaitForNextTickAsync(limit.Token);
            await host.KillAsync();
        }

        await using var next = await RunningHost.StartAsync(folder, [.. ModelVariables.Create(model)]);
        await next.Api.Http.GetStringAsync(new Uri($"{run}/events", UriKind.Relative));

        Assert.Equal("completed", (string?)(await next.Api.GetAsync(run))["status"]);
        Assert.Contains(result, model.Requests[^1].Body.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_finds_a_server_that_is_not_declared()
    {
        using var folder = WorkFolder.Create(Configure(use: "habit"));

        var (code, report, errors) = await RunningHost.RunAsync(folder, ["check"]);

        Assert.Equal(1, code);
        Assert.Contains("There is no server 'habit'. Servers: away, habits.", report + errors, StringComparison.Ordinal);
    }
}
