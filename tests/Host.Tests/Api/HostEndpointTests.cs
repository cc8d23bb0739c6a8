using System.Net;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Tests.Api;

public sealed class HostEndpointTests
{
    [Fact]
    public async Task Agents_are_listed_and_read_with_their_chains()
    {
        await using var host = await ApiHost.StartAsync();
        var list = await (await host.Http.GetAsync("/v1/agents")).JsonAsync();
        Assert.False(list.GetProperty("has_more").GetBoolean());
        var one = await (await host.Http.GetAsync("/v1/agents/assistant")).JsonAsync();
        Assert.Equal(one.GetRawText(), list.GetProperty("data")[0].GetRawText());
        Assert.Equal(("assistant", "agent", "echo"), (one.Text("name"), one.Text("object"), one.GetProperty("model").Text("client")));
        var entry = Assert.Single(one.GetProperty("chain").EnumerateArray());
        Assert.Equal(("in-memory-history", "history provider", true), (entry.Text("plugin"), entry.Text("kind"), entry.GetProperty("added").GetBoolean()));
    }

    [Fact]
    public async Task An_unknown_agent_is_a_problem_that_names_the_known_ones()
    {
        await using var host = await ApiHost.StartAsync();
        var problem = await (await host.Http.GetAsync("/v1/agents/other")).ProblemAsync(404, "agent-not-found");
        Assert.Contains("assistant", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Plugins_are_listed_with_their_options()
    {
        await using var host = await ApiHost.StartAsync();
        var list = await (await host.Http.GetAsync("/v1/plugins")).JsonAsync();
        var memory = list.GetProperty("data").EnumerateArray().Single(p => p.GetProperty("name").GetString() == "memory");
        Assert.Equal("context provider", memory.GetProperty("kind").GetString());
        Assert.Equal(("MaxFacts", "50"), (memory.GetProperty("options")[0].GetProperty("name").GetString(), memory.GetProperty("options")[0].GetProperty("default").GetString()));
    }

    [Fact]
    public async Task A_reload_answers_with_the_agents_that_serve()
    {
        await using var host = await ApiHost.StartAsync(load: () => ApiHost.Setup("new"));
        var answer = await (await host.SendAsync(HttpMethod.Post, "/v1/reload")).JsonAsync();
        Assert.Equal("""{"object":"reload","generation":1,"agents":["new"],"plugins":[],"warnings":[],"applied":[],"needs_restart":[]}""", answer.GetRawText());
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync("/v1/agents/new")).StatusCode);
    }

    [Fact]
    public async Task A_reload_of_a_wrong_configuration_reports_all_errors_and_changes_nothing()
    {
        var wrong = ApiHost.Setup("new") with { Errors = [new ConfigurationError("Agents:a", "No model.")] };
        await using var host = await ApiHost.StartAsync(load: () => wrong);
        var problem = await (await host.SendAsync(HttpMethod.Post, "/v1/reload")).ProblemAsync(422, "configuration-invalid");
        Assert.Equal(["Agents:a"], problem.Paths());
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync("/v1/agents/assistant")).StatusCode);
    }

    [Fact]
    public async Task An_unexpected_failure_is_a_500_with_the_trace_id_of_the_log_line_and_no_detail()
    {
        await using var host = await ApiHost.StartAsync(load: BreakLoading);
        var problem = await (await host.SendAsync(HttpMethod.Post, "/v1/reload")).ProblemAsync(500, "internal-error");
        Assert.DoesNotContain("secret", problem.GetRawText());
        var line = Assert.Single(host.Log.Of(problem.GetProperty("trace_id").GetString()!));
        // The type and the place of the failure, without its text, which may hold what a caller sent.
        Assert.StartsWith("System.InvalidOperationException", line.Exception!.ToString());
        Assert.Contains(nameof(BreakLoading), line.Exception.ToString());
        Assert.DoesNotContain("secret", line.Exception.ToString());
    }

    private static HostSetup BreakLoading() => throw new InvalidOperationException("inner secret");
}
