using System.Text.Json;
using PluginHost.Engine.Observation;

namespace PluginHost.Tests.Api;

public sealed class TraceEndpointTests
{
    [Fact]
    public async Task A_kept_trace_is_read_as_a_tree_of_any_depth()
    {
        var traces = new KeptTraces(5);
        await using var host = await StartAsync(traces);
        var run = await RunAsync(host);
        traces.Add(TraceOf(run, depth: 255));

        using var response = await host.Http.GetAsync($"/v1/sessions/s1/runs/{run}/trace");

        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        var trace = JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(), new JsonDocumentOptions { MaxDepth = 1000 });
        Assert.Equal((run, "run.trace", "s1"), (Text(trace, "run_id"), Text(trace, "object"), Text(trace, "session_id")));
        var span = trace.GetProperty("root");
        Assert.Equal((1.5, "ok", "x"), (span.GetProperty("own_time_ms").GetDouble(), Text(span, "status"), Text(span.GetProperty("attributes"), "a.b")));
        Assert.False(span.TryGetProperty("error_type", out _));
        for (var depth = 0; depth < 255; depth++) span = span.GetProperty("spans")[0];
        Assert.Equal(0, span.GetProperty("spans").GetArrayLength());
    }

    [Theory]
    [InlineData(0, "Telemetry:KeptTraces")]
    [InlineData(7, "the last 7 runs")]
    public async Task A_trace_that_is_not_kept_is_a_problem_that_says_why(int capacity, string why)
    {
        await using var host = await StartAsync(new KeptTraces(capacity));
        var run = await RunAsync(host);

        var problem = await (await host.Http.GetAsync($"/v1/sessions/s1/runs/{run}/trace")).ProblemAsync(404, "trace-not-kept");

        Assert.Contains(why, Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_of_another_session_and_an_unknown_run_have_no_trace()
    {
        var traces = new KeptTraces(5);
        await using var host = await StartAsync(traces);
        var run = await RunAsync(host);
        traces.Add(TraceOf(run, depth: 0));

        await (await host.Http.GetAsync($"/v1/sessions/other/runs/{run}/trace")).ProblemAsync(404, "run-not-found");
        await (await host.Http.GetAsync("/v1/sessions/s1/runs/run_nothing/trace")).ProblemAsync(404, "run-not-found");
        await (await host.Http.GetAsync($"/v1/sessions/s1/runs/{run}/trace?depth=1")).ProblemAsync(400, "invalid-request");
    }

    private static Task<ApiHost> StartAsync(KeptTraces traces) => ApiHost.StartAsync(configure: s => s.AddSingleton(traces));

    private static async Task<string> RunAsync(ApiHost host) =>
        Text(await (await host.PostAsync("/v1/sessions/s1/runs", """{"input":"hi"}""")).JsonAsync(), "id");

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    private static RunTrace TraceOf(string run, int depth) =>
        new(new ObservedRun(new("default", "s1"), run, "assistant"), "0af7651916cd43dd8448eb211c80319c", [.. Enumerable.Range(-1, depth + 1).Select(SpanIn)]);

    private static TraceSpan SpanIn(int parent) => new(parent, "pluginhost.run", "internal", "b7ad6b7169203331", DateTime.UnixEpoch)
    {
        Duration = TimeSpan.FromMilliseconds(2),
        OwnTime = TimeSpan.FromMilliseconds(1.5),
        Attributes = [new("a.b", "x")],
    };
}
