using PluginHost.Engine.Errors;
using PluginHost.Native;

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
        Assert.Equal(
            """{"name":"assistant","object":"agent","model":{"client":"echo"},"chain":[{"plugin":"memory","name":"memory","kind":"context","version":"1.2.3"}]}""",
            one.GetRawText());
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
        Assert.Equal("MaxFacts", list.GetProperty("data")[0].GetProperty("options")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_reload_answers_with_the_agents_that_serve()
    {
        await using var host = await ApiHost.StartAsync(configure: s => s.AddSingleton<IHostReload>(new Reload(null)));
        var answer = await (await host.SendAsync(HttpMethod.Post, "/v1/reload")).JsonAsync();
        Assert.Equal("""{"object":"reload","agents":["new"]}""", answer.GetRawText());
    }

    [Fact]
    public async Task A_reload_of_a_wrong_configuration_says_all_that_is_wrong()
    {
        var wrong = new ProblemException(ProblemTypes.ConfigurationInvalid, "The configuration is wrong.") { Errors = [new ProblemError("Agents:a", "No model.")] };
        await using var host = await ApiHost.StartAsync(configure: s => s.AddSingleton<IHostReload>(new Reload(wrong)));
        var problem = await (await host.SendAsync(HttpMethod.Post, "/v1/reload")).ProblemAsync(422, "configuration-invalid");
        Assert.Equal(["Agents:a"], problem.Paths());
    }

    [Fact]
    public async Task An_unexpected_failure_is_a_500_that_leads_to_the_log_and_tells_nothing_else()
    {
        var broken = new InvalidOperationException("inner secret");
        await using var host = await ApiHost.StartAsync(configure: s => s.AddSingleton<IHostReload>(new Reload(broken)));
        var problem = await (await host.SendAsync(HttpMethod.Post, "/v1/reload")).ProblemAsync(500, "internal-error");
        Assert.DoesNotContain("secret", problem.GetRawText());
        var line = Assert.Single(host.Log.Of(problem.GetProperty("trace_id").GetString()!));
        // What broke and where, without its text: that may hold what a caller sent.
        Assert.StartsWith("System.InvalidOperationException", line.Exception!.ToString());
        Assert.Contains(nameof(Reload), line.Exception.ToString());
        Assert.DoesNotContain("secret", line.Exception.ToString());
    }

    private sealed class Reload(Exception? failure) : IHostReload
    {
        public ValueTask<IReadOnlyList<string>> ReloadAsync(CancellationToken cancellationToken) => failure is null ? new(["new"]) : throw failure;
    }
}
