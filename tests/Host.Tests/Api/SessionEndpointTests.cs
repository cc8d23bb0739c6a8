using System.Net;
using System.Text.Json;

namespace PluginHost.Tests.Api;

public sealed class SessionEndpointTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_session_is_created_read_and_listed()
    {
        var created = await _host.PostAsync("/v1/sessions", """{"id":"s1","metadata":{"user":"u"},"state":{"memory":{"facts":["a"]}}}""");
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.Equal("/v1/sessions/s1", created.Headers.Location?.ToString());
        Assert.Equal("\"1\"", created.Headers.ETag?.Tag);
        var read = await _host.Http.GetAsync("/v1/sessions/s1");
        var session = await read.JsonAsync();
        Assert.Equal("\"1\"", read.Headers.ETag?.Tag);
        Assert.Equal((await created.JsonAsync()).GetRawText(), session.GetRawText());
        Assert.Equal("session", session.GetProperty("object").GetString());
        Assert.Equal("u", session.GetProperty("metadata").GetProperty("user").GetString());
        Assert.Equal("""{"facts":["a"]}""", session.GetProperty("state").GetProperty("memory").GetRawText());
        Assert.EndsWith("Z", session.GetProperty("created_at").GetString());
        var listed = (await (await _host.Http.GetAsync("/v1/sessions")).JsonAsync()).GetProperty("data");
        Assert.Equal("s1", Assert.Single(listed.EnumerateArray()).GetProperty("id").GetString());
        Assert.False(listed[0].TryGetProperty("state", out _));
    }

    [Fact]
    public async Task A_session_needs_nothing_not_even_a_body()
    {
        var session = await (await _host.SendAsync(HttpMethod.Post, "/v1/sessions")).JsonAsync();
        Assert.Equal(HttpStatusCode.OK, (await _host.Http.GetAsync($"/v1/sessions/{session.GetProperty("id").GetString()}")).StatusCode);
    }

    [Theory]
    [InlineData("/v1/sessions", """{"id":"s1","service_session_id":"resp_of_another_tenant"}""")]
    [InlineData("/v1/sessions/import", """{"type":"session","version":1,"session_id":"s1","service_session_id":"resp_of_another_tenant"}""")]
    public async Task A_callers_id_of_a_conversation_at_the_models_service_is_refused(string path, string body)
    {
        var refused = await (await _host.PostAsync(path, body)).ProblemAsync(400, "invalid-request");
        Assert.Equal(["service_session_id"], refused.Paths());
        Assert.Contains("Sessions:AcceptServiceSessionIds", refused.GetProperty("errors")[0].GetProperty("allowed").GetString());
        await (await _host.Http.GetAsync("/v1/sessions/s1")).ProblemAsync(404, "session-not-found");
    }

    [Fact]
    public async Task An_existing_session_is_a_conflict_and_an_unknown_one_is_not_found()
    {
        await _host.PostAsync("/v1/sessions", """{"id":"s1"}""");
        await (await _host.PostAsync("/v1/sessions", """{"id":"s1"}""")).ProblemAsync(409, "session-exists");
        await (await _host.Http.GetAsync("/v1/sessions/s2")).ProblemAsync(404, "session-not-found");
        await (await _host.Http.GetAsync("/v1/sessions/s2/messages")).ProblemAsync(404, "session-not-found");
        await (await _host.SendAsync(HttpMethod.Delete, "/v1/sessions/s2")).ProblemAsync(404, "session-not-found");
    }

    [Fact]
    public async Task Pages_lead_through_all_sessions_in_both_directions()
    {
        for (var i = 0; i < 5; i++) await _host.PostAsync("/v1/sessions", $$"""{"id":"s{{i}}"}""");
        Assert.Equal(("s0 s1", true), await PageAsync("limit=2"));
        Assert.Equal(("s2 s3", true), await PageAsync("limit=2&after=s1"));
        Assert.Equal(("s4", false), await PageAsync("limit=2&after=s3"));
        Assert.Equal(("s4 s3", true), await PageAsync("limit=2&order=desc"));
        Assert.Equal(("s0", false), await PageAsync("limit=2&order=desc&after=s1"));
    }

    [Fact]
    public async Task A_patch_merges_and_honours_If_Match()
    {
        await _host.PostAsync("/v1/sessions", """{"id":"s1","metadata":{"a":"1","b":"2"},"state":{"memory":{"x":1,"y":2}}}""");
        var patched = await PatchAsync("""{"metadata":{"a":null,"c":"3"},"state":{"memory":{"x":null}}}""", "\"1\"");
        var session = await patched.JsonAsync();
        Assert.Equal("\"2\"", patched.Headers.ETag?.Tag);
        Assert.Equal(["b=2", "c=3"], session.GetProperty("metadata").EnumerateObject().Select(p => $"{p.Name}={p.Value}").Order());
        Assert.Equal("""{"memory":{"y":2}}""", session.GetProperty("state").GetRawText());
        await (await PatchAsync("""{"metadata":{"d":"4"}}""", "\"1\"")).ProblemAsync(412, "version-mismatch");
        await (await PatchAsync("""{"metadata":{"d":"4"}}""", "\"7\", \"8\"")).ProblemAsync(412, "version-mismatch");
        await (await PatchAsync("""{"metadata":{"d":"4"}}""", "W/\"2\"")).ProblemAsync(412, "version-mismatch");
        await (await PatchAsync("""{"metadata":{"d":"4"}}""", "2")).ProblemAsync(400, "invalid-request");
        Assert.Equal(HttpStatusCode.OK, (await PatchAsync("{}", "\"1\", \"2\"")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PatchAsync("{}", "*")).StatusCode);
    }

    [Fact]
    public async Task A_patch_cannot_bring_metadata_beyond_its_limit()
    {
        await _host.PostAsync("/v1/sessions", $"{{\"id\":\"s1\",\"metadata\":{Pairs("a")}}}");
        var problem = await (await PatchAsync($"{{\"metadata\":{Pairs("b")}}}", null)).ProblemAsync(400, "invalid-request");
        Assert.Equal(["metadata"], problem.Paths());
    }

    [Fact]
    public async Task A_deleted_session_reports_what_was_removed_and_is_gone()
    {
        await _host.PostAsync("/v1/sessions/s1/runs", """{"input":"hi"}""");
        var deleted = await (await _host.SendAsync(HttpMethod.Delete, "/v1/sessions/s1")).JsonAsync();
        Assert.Equal("session.deleted", deleted.GetProperty("object").GetString());
        Assert.Contains(deleted.GetProperty("removed").EnumerateArray(), r => r.GetProperty("removed").GetInt32() == 2);
        await (await _host.Http.GetAsync("/v1/sessions/s1")).ProblemAsync(404, "session-not-found");
    }

    [Fact]
    public async Task Seed_messages_are_the_history()
    {
        await _host.PostAsync("/v1/sessions", """
            {"id":"s1","messages":[{"role":"user","author":"Ann","content":"hi"},{"role":"assistant","content":[{"type":"text","text":"hello"}]}]}
            """);
        var messages = await MessagesAsync("/v1/sessions/s1/messages");
        Assert.Equal(["user", "assistant"], messages.Select(m => m.GetProperty("role").GetString()));
        Assert.Equal("Ann", messages[0].GetProperty("author").GetString());
        Assert.Equal("""[{"type":"text","text":"hello"}]""", messages[1].GetProperty("content").GetRawText());
    }

    [Fact]
    public async Task Messages_are_paged_by_place_in_the_list_in_both_orders()
    {
        await _host.PostAsync("/v1/sessions/s1/runs", """{"input":"hi"}""");
        var all = await MessagesAsync("/v1/sessions/s1/messages");
        var (first, second) = (all[0].GetProperty("id").GetString(), all[1].GetProperty("id").GetString());
        Assert.Equal([second], await IdsAsync($"after={first}"));
        Assert.Equal([first], await IdsAsync($"before={second}"));
        Assert.Equal([first], await IdsAsync($"order=desc&after={second}"));
        Assert.Equal([second], await IdsAsync($"order=desc&before={first}"));
        Assert.Equal([second], await IdsAsync("order=desc&limit=1"));
        foreach (var wrong in new[] { "after=unknown", "before=unknown", "order=desc&after=unknown", "order=desc&before=unknown" })
        {
            var problem = await (await _host.Http.GetAsync($"/v1/sessions/s1/messages?{wrong}")).ProblemAsync(400, "invalid-request");
            Assert.Equal([wrong.Split('&')[^1].Split('=')[0]], problem.Paths());
        }
    }

    [Fact]
    public async Task A_snapshot_restores_the_session_elsewhere()
    {
        await _host.PostAsync("/v1/sessions/s1/runs", """{"input":"hi"}""");
        var snapshot = await _host.Http.GetStringAsync(new Uri("/v1/sessions/s1/export?messages=true", UriKind.Relative));
        await using var other = await ApiHost.StartAsync();
        var imported = await other.PostAsync("/v1/sessions/import", snapshot);
        Assert.Equal(HttpStatusCode.Created, imported.StatusCode);
        var messages = await (await other.Http.GetAsync("/v1/sessions/s1/messages")).JsonAsync();
        Assert.Equal(2, messages.GetProperty("data").GetArrayLength());
        await (await other.PostAsync("/v1/sessions/import", """{"type":"session","version":99}""")).ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task A_fork_has_the_history_up_to_its_run()
    {
        var run = await (await _host.PostAsync("/v1/sessions/s1/runs", """{"input":"one"}""")).JsonAsync();
        await _host.PostAsync("/v1/sessions/s1/runs", """{"input":"two"}""");
        var fork = await _host.PostAsync("/v1/sessions/s1/fork", $$"""{"id":"s2","run":"{{run.GetProperty("id").GetString()}}"}""");
        Assert.Equal(HttpStatusCode.Created, fork.StatusCode);
        Assert.Equal(2, (await MessagesAsync("/v1/sessions/s2/messages")).Count);
        var whole = await (await _host.SendAsync(HttpMethod.Post, "/v1/sessions/s1/fork")).JsonAsync();
        Assert.Equal(4, (await MessagesAsync($"/v1/sessions/{whole.GetProperty("id").GetString()}/messages")).Count);
    }

    [Fact]
    public async Task A_session_may_be_called_import() =>
        Assert.Equal(HttpStatusCode.OK, (await _host.PostAsync("/v1/sessions/import/runs", """{"input":"hi"}""")).StatusCode);

    private static string Pairs(string prefix) =>
        "{" + string.Join(',', Enumerable.Range(0, 10).Select(i => $"\"{prefix}{i}\":\"v\"")) + "}";

    private Task<HttpResponseMessage> PatchAsync(string body, string? ifMatch)
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, "/v1/sessions/s1")
        {
            Content = new StringContent(body, System.Text.Encoding.UTF8, "application/merge-patch+json"),
        };
        if (ifMatch is not null) request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        return _host.Http.SendAsync(request);
    }

    private async Task<(string Ids, bool HasMore)> PageAsync(string query)
    {
        var page = await (await _host.Http.GetAsync($"/v1/sessions?{query}")).JsonAsync();
        var ids = page.GetProperty("data").EnumerateArray().Select(s => s.GetProperty("id").GetString());
        return (string.Join(' ', ids), page.GetProperty("has_more").GetBoolean());
    }

    private async Task<IEnumerable<string?>> IdsAsync(string query) =>
        (await MessagesAsync($"/v1/sessions/s1/messages?{query}")).Select(m => m.GetProperty("id").GetString());

    private async Task<IReadOnlyList<JsonElement>> MessagesAsync(string path) =>
        [.. (await (await _host.Http.GetAsync(path)).JsonAsync()).GetProperty("data").EnumerateArray()];
}
