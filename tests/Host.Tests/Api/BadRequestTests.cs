using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Tests.Api;

public sealed class BadRequestTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() =>
        _host = await ApiHost.StartAsync(new ServerConfiguration { Listen = ["http://127.0.0.1:0"], MaxBodyBytes = 10_000 });

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task All_errors_of_a_run_request_are_reported_at_once()
    {
        var answer = await _host.PostAsync("/v1/sessions/s1/runs?x=1", """
            {
              "agent": 5, "agent": "a",
              "input": [{"role":"boss","content":"hi"},{"role":"user","content":[{"type":"sound"}]},{"content":""},7],
              "stream": "yes",
              "metadata": {"k": 1},
              "options": {"temperature": 9, "max_output_tokens": 0, "tools": [{"name":"a b"}], "response_format": {"type":"json_schema"}, "top_p": 1},
              "extra": true
            }
            """);
        var problem = await answer.ProblemAsync(400, "invalid-request");
        Assert.Equal(
            [
                "x", "agent", "input[0].role", "input[1].content[0].type", "input[2].role", "input[3]", "stream", "metadata.k",
                "options.temperature", "options.max_output_tokens", "options.tools[0].name", "options.response_format.schema", "options.top_p", "extra",
            ],
            problem.Paths().Distinct());
        var role = problem.GetProperty("errors").EnumerateArray().Single(e => e.GetProperty("path").GetString() == "input[0].role");
        Assert.Equal("user, system, developer, assistant, tool", role.GetProperty("allowed").GetString());
    }

    [Theory]
    [InlineData("""{"input":""}""", "input")]
    [InlineData("""{"input":"  "}""", "input")]
    [InlineData("""{"input":[]}""", "input")]
    [InlineData("""{"input":{}}""", "input")]
    [InlineData("""{"input":null}""", "input")]
    [InlineData("{}", "input")]
    [InlineData("""{"input":[{"role":"user","content":[]}]}""", "input[0].content")]
    [InlineData("""{"input":[{"role":"tool","content":"x"}]}""", "input[0].content")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"function_call","call_id":"c","name":"f"}]}]}""", "input[0].content[0].type")]
    [InlineData("""{"input":[{"role":"assistant","content":[{"type":"function_result","call_id":"c"}]}]}""", "input[0].content[0].type")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"data","media_type":"image/png","data":"%%"}]}]}""", "input[0].content[0].data")]
    [InlineData("""{"input":[{"role":"user","content":[{"type":"uri","media_type":"image/png","uri":"x"}]}]}""", "input[0].content[0].uri")]
    [InlineData("""{"input":"\ud800"}""", "input")]
    [InlineData("""{"input":"x","stream":true,"background":true}""", "background")]
    [InlineData("""{"input":"x","options":{"tools":[{"name":"a"},{"name":"a"}]}}""", "options.tools")]
    [InlineData("""[1]""", "$")]
    public async Task The_error_of_a_run_request_has_its_path(string body, string path)
    {
        var problem = await (await _host.PostAsync("/v1/sessions/s1/runs", body)).ProblemAsync(400, "invalid-request");
        Assert.Equal([path], problem.Paths());
    }

    [Theory]
    [InlineData("/v1/sessions/bad%20id", "id")]
    [InlineData("/v1/sessions?limit=-1", "limit")]
    [InlineData("/v1/sessions?limit=101", "limit")]
    [InlineData("/v1/sessions?limit=", "limit")]
    [InlineData("/v1/sessions?limit=1&limit=2", "limit")]
    [InlineData("/v1/sessions?order=up", "order")]
    [InlineData("/v1/sessions?after=%2F", "after")]
    [InlineData("/v1/sessions?before=", "before")]
    [InlineData("/v1/sessions?page=2", "page")]
    [InlineData("/v1/sessions/s/messages?include_failed=1", "include_failed")]
    [InlineData("/v1/sessions/s/export?messages=yes", "messages")]
    [InlineData("/v1/sessions/s/runs/b%20d", "run")]
    [InlineData("/v1/agents?x=1", "x")]
    public async Task The_error_of_a_query_or_path_has_its_name(string path, string at)
    {
        var problem = await (await _host.SendAsync(HttpMethod.Get, path)).ProblemAsync(400, "invalid-request");
        Assert.Contains(at, problem.Paths());
    }

    [Theory]
    [InlineData("""{"id":"has space"}""", "id")]
    [InlineData("""{"id":".."}""", "id")]
    [InlineData("""{"state":{"memory":5}}""", "state.memory")]
    [InlineData("""{"state":[]}""", "state")]
    [InlineData("""{"metadata":{"":"x"}}""", "metadata.")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "messages[0].content")]
    [InlineData("""{"state":{"memory":{"a":{"b":1,"b":2}}}}""", "state.memory.a.b")]
    [InlineData("""{"name":"x"}""", "name")]
    public async Task The_error_of_a_session_has_its_path(string body, string path)
    {
        var problem = await (await _host.PostAsync("/v1/sessions", body)).ProblemAsync(400, "invalid-request");
        Assert.Equal([path], problem.Paths());
    }

    [Fact]
    public async Task Metadata_has_limits()
    {
        var pairs = string.Join(',', Enumerable.Range(0, 17).Select(i => $"\"k{i}\":\"{new string('v', i == 0 ? 513 : 1)}\""));
        var problem = await (await _host.PostAsync("/v1/sessions", $"{{\"metadata\":{{{pairs}}}}}")).ProblemAsync(400, "invalid-request");
        Assert.Contains("metadata.k0", problem.Paths());
        pairs = string.Join(',', Enumerable.Range(0, 17).Select(i => $"\"k{i}\":\"v\""));
        problem = await (await _host.PostAsync("/v1/sessions", $"{{\"metadata\":{{{pairs}}}}}")).ProblemAsync(400, "invalid-request");
        Assert.Equal(["metadata"], problem.Paths());
    }

    [Fact]
    public async Task Malformed_json_names_line_and_position()
    {
        var problem = await (await _host.PostAsync("/v1/sessions/s1/runs", "{\n  \"input\": hi\n}")).ProblemAsync(400, "malformed-json");
        Assert.Contains("line 2, position 12", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_body_that_is_too_large_is_refused_with_413()
    {
        var body = $$"""{"input":"{{new string('x', 20_000)}}"}""";
        await (await _host.PostAsync("/v1/sessions/s1/runs", body)).ProblemAsync(413, "body-too-large");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json; charset=utf-16")]
    public async Task Another_content_type_is_refused_with_415(string contentType) =>
        await (await _host.SendAsync(HttpMethod.Post, "/v1/sessions/s1/runs", """{"input":"x"}""", contentType)).ProblemAsync(415, "unsupported-media-type");

    [Fact]
    public async Task An_unknown_route_is_a_problem() =>
        await (await _host.SendAsync(HttpMethod.Get, "/v2/sessions")).ProblemAsync(404, "not-found");

    [Fact]
    public async Task An_unknown_method_is_a_problem_that_names_the_known_ones()
    {
        var answer = await _host.SendAsync(HttpMethod.Put, "/v1/sessions");
        var problem = await answer.ProblemAsync(405, "method-not-allowed");
        Assert.Contains("POST", problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_refused_request_leaves_one_line_of_log_without_its_content()
    {
        await _host.PostAsync("/v1/sessions/my-secret-session/runs", """{"input":"","secret":"my-secret-word"}""");
        var line = Assert.Single(_host.Log.Of("refused"));
        Assert.Equal(LogLevel.Information, line.Level);
        Assert.Null(line.Exception);
        Assert.Contains("invalid-request", line.Text);
        Assert.Empty(_host.Log.Of("my-secret"));
    }
}
