using System.Text.Json.Nodes;
using PluginHost.Tests.Api;

namespace PluginHost.Tests.Outcomes;

public sealed class SessionSearchTests
{
    [Theory]
    [MemberData(nameof(OutcomeSetup.Stores), MemberType = typeof(OutcomeSetup))]
    public async Task Sessions_are_listed_by_their_last_save(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);
        foreach (var id in new[] { "a", "b", "c", "a" }) await host.RunAsync(id, "hi");

        Assert.Equal("a c b", await IdsAsync(host, "sort=activity&order=desc"));
        Assert.Equal("b c a", await IdsAsync(host, "sort=activity"));
        Assert.Equal("a b c", await IdsAsync(host, "sort=created"));
        Assert.Equal("a c", await IdsAsync(host, "sort=activity&order=desc&limit=2"));
        Assert.Equal("b", await IdsAsync(host, "sort=activity&order=desc&limit=2&after=c"));
    }

    [Theory]
    [MemberData(nameof(OutcomeSetup.Stores), MemberType = typeof(OutcomeSetup))]
    public async Task Sessions_are_found_by_id_agent_and_metadata(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true, MoreAgents = """ "other": { "Model": { "Client": "echo" }, "Chain": [ { "Plugin": "file-history", "Options": { "Path": "other" } } ] } """ };
        await using var host = await OutcomeHost.StartAsync(setup);
        for (var i = 0; i < 3; i++) await host.PostAsync("/v1/sessions", new JsonObject { ["id"] = $"user-{i}", ["metadata"] = new JsonObject { ["tier"] = i == 1 ? "gold" : "free", ["a.b"] = "x" } });
        await host.PostAsync("/v1/sessions/of-other/runs", new JsonObject { ["input"] = "hi", ["agent"] = "other" });
        await host.PostAsync("/v1/sessions/of-assistant/runs", new JsonObject { ["input"] = "hi", ["agent"] = "assistant" });

        Assert.Equal("user-0 user-1 user-2", await IdsAsync(host, "prefix=user-"));
        Assert.Equal("user-1", await IdsAsync(host, "metadata.tier=gold"));
        Assert.Equal("user-1", await IdsAsync(host, "metadata[tier]=gold&metadata.a.b=x&prefix=user"));
        Assert.Equal("", await IdsAsync(host, "metadata.tier=gold&metadata.a.b=y"));
        Assert.Equal("of-other", await IdsAsync(host, "agent=other"));
        Assert.Equal("user-2 user-1", await IdsAsync(host, "prefix=user-&sort=activity&order=desc&limit=2"));
        Assert.Equal("user-0", await IdsAsync(host, "prefix=user-&sort=activity&order=desc&limit=2&after=user-1"));
    }

    [Fact]
    public async Task A_page_looks_at_a_bounded_number_of_sessions_and_says_where_to_continue()
    {
        using var setup = new OutcomeSetup("sqlite") { Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);
        for (var i = 0; i < PluginHost.Engine.Sessions.Admin.SessionService.MaxExaminedWithRuns + 5; i++) await host.PostAsync("/v1/sessions", new JsonObject { ["id"] = $"s{i:000}" });
        await host.PostAsync("/v1/sessions/last/runs", new JsonObject { ["input"] = "hi" });

        var first = (await host.GetAsync("/v1/sessions?agent=assistant")).Json;
        Assert.Equal((0, true, "s199"), (first.GetProperty("data").GetArrayLength(), first.GetProperty("has_more").GetBoolean(), first.Text("next")));
        Assert.Equal("last", await IdsAsync(host, $"agent=assistant&after={first.Text("next")}"));
    }

    [Theory]
    [InlineData("sort=name", "sort")]
    [InlineData("prefix=%2F", "prefix")]
    [InlineData("prefix=a&before=b", "before")]
    [InlineData("metadata.a=1&metadata[a]=2", "metadata.a")]
    [InlineData("metadata=x", "metadata")]
    [InlineData("metadata.=x", "metadata")]
    [InlineData("metadatax=1", "metadatax")]
    public async Task A_wrong_query_is_refused(string query, string path)
    {
        await using var host = await ApiHost.StartAsync();
        var problem = await (await host.Http.GetAsync($"/v1/sessions?{query}")).ProblemAsync(400, "invalid-request");
        Assert.StartsWith(path, Assert.Single(problem.Paths()));
    }

    private static async Task<string> IdsAsync(OutcomeHost host, string query)
    {
        var answer = await host.GetAsync($"/v1/sessions?{query}");
        Assert.True(answer.Status == 200, answer.Json.GetRawText());
        return string.Join(' ', answer.Json.GetProperty("data").EnumerateArray().Select(s => s.Text("id")));
    }
}
