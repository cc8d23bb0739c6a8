using System.Text.Json;

namespace PluginHost.Tests.Api;

public sealed class RunSearchTests
{
    [Fact]
    public async Task Pages_lead_through_the_runs_of_all_sessions()
    {
        await using var host = await ApiHost.StartAsync();
        var runs = new List<string>();
        for (var i = 0; i < 5; i++) runs.Insert(0, Text(await (await host.PostAsync($"/v1/sessions/s{i % 2}/runs", """{"input":"hi"}""")).JsonAsync(), "id"));

        var (seen, path) = (new List<string>(), "/v1/runs?limit=2");
        for (string? next = ""; next is not null;)
        {
            var page = await (await host.Http.GetAsync(next.Length == 0 ? path : $"{path}&after={next}")).JsonAsync();
            seen.AddRange(page.GetProperty("data").EnumerateArray().Select(r => Text(r, "id")));
            next = page.GetProperty("has_more").GetBoolean() ? Text(page, "next") : null;
            Assert.Equal(next is not null, page.TryGetProperty("searched_until", out _));
        }

        Assert.Equal(runs, seen);
        var one = (await (await host.Http.GetAsync("/v1/runs?session=s1&status=completed&limit=1")).JsonAsync()).GetProperty("data")[0];
        Assert.Equal(("run.summary", "s1", "default", true), (Text(one, "object"), Text(one, "session_id"), Text(one, "tenant"), one.GetProperty("stored").GetBoolean()));
        Assert.False(one.TryGetProperty("output", out _));
    }

    [Theory]
    [InlineData("since=yesterday", "since")]
    [InlineData("after=zz", "after")]
    [InlineData("status=lost", "status")]
    [InlineData("limit=0", "limit")]
    [InlineData("sort=asc", "sort")]
    public async Task A_wrong_query_is_refused_with_what_is_allowed(string query, string name)
    {
        await using var host = await ApiHost.StartAsync();

        var problem = await (await host.Http.GetAsync($"/v1/runs?{query}")).ProblemAsync(400, "invalid-request");

        Assert.Equal(name, Text(problem.GetProperty("errors")[0], "path"));
    }

    [Theory]
    [InlineData("2026-11-28T09:00:00Z")]
    [InlineData("2026-11-28T09:00:00+02:00")]
    [InlineData("2026-11-28%2009:00:00Z")]
    [InlineData("2026-11-28 09:00:00")]
    public async Task A_time_is_read_with_a_space_and_with_a_plus_sign_that_is_not_escaped(string since)
    {
        await using var host = await ApiHost.StartAsync();

        using var found = await host.Http.GetAsync($"/v1/runs?since={since}");

        Assert.True(found.IsSuccessStatusCode, await found.Content.ReadAsStringAsync());
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
