using PluginHost.Tests.Api;

namespace PluginHost.Tests.Outcomes;

/// <summary>What the history stored of one run.</summary>
public sealed class MessagesOfRunTests
{
    [Theory]
    [MemberData(nameof(OutcomeSetup.Stores), MemberType = typeof(OutcomeSetup))]
    public async Task The_messages_of_one_run_are_listed(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);
        foreach (var input in new[] { "one", "two", "three" }) await host.RunAsync("s", input);
        var runs = (await host.GetAsync("/v1/sessions/s/runs?order=asc")).Json.GetProperty("data").EnumerateArray().Select(r => r.Text("id")).ToList();

        Assert.Equal(("user assistant", false), await ListAsync(host, $"run={runs[1]}"));
        Assert.Equal(("assistant user", false), await ListAsync(host, $"run={runs[1]}&order=desc"));
        Assert.Equal(("assistant", true), await ListAsync(host, $"run={runs[2]}&limit=1"));
        Assert.Equal(("", false), await ListAsync(host, "run=unknown"));
    }

    [Fact]
    public async Task A_run_and_a_cursor_are_refused()
    {
        await using var host = await ApiHost.StartAsync();
        var problem = await (await host.Http.GetAsync("/v1/sessions/s/messages?run=r&after=m")).ProblemAsync(400, "invalid-request");
        Assert.Equal("run", Assert.Single(problem.Paths()));
    }

    private static async Task<(string Roles, bool HasMore)> ListAsync(OutcomeHost host, string query)
    {
        var answer = await host.GetAsync($"/v1/sessions/s/messages?{query}");
        Assert.True(answer.Status == 200, answer.Json.GetRawText());
        return (string.Join(' ', answer.Json.GetProperty("data").EnumerateArray().Select(m => m.Text("role"))), answer.Json.GetProperty("has_more").GetBoolean());
    }
}
