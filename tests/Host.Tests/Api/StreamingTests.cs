using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Api;

public sealed class StreamingTests
{
    [Theory]
    [InlineData("""{"input":"hi","stream":true}""", "application/json")]
    [InlineData("""{"input":"hi"}""", "text/event-stream")]
    public async Task A_run_is_streamed_by_body_or_accept_header(string body, string accept)
    {
        await using var host = await ApiHost.StartAsync(new ScriptedModel(_ => ScriptedModel.Say("hel", "lo")));
        using var response = await PostAsync(host, body, accept);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.True(response.Headers.CacheControl?.NoStore);
        var events = await ReadAsync(response).ToListAsync();
        Assert.Equal(["1 run.started", "2 message.delta", "3 message.delta", "4 run.completed"], events.Select(e => $"{e.Id} {e.Name}"));
        Assert.False(events[0].Data.TryGetProperty("output", out _));
        Assert.Equal("""{"message_id":"m","index":0,"text":"hel"}""", events[1].Data.GetRawText());
        var run = events[3].Data;
        Assert.Equal("hello", run.GetProperty("text").GetString());
        Assert.Equal("m", run.GetProperty("output")[0].GetProperty("id").GetString());
        var read = await (await host.Http.GetAsync($"/v1/sessions/s1/runs/{run.GetProperty("id").GetString()}")).JsonAsync();
        Assert.Equal(run.GetRawText(), read.GetRawText());
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Text_is_sent_without_escapes(string stream)
    {
        await using var host = await ApiHost.StartAsync(ScriptedModel.Saying("Grüße, 'Ann' <你好>\n"));
        using var response = await PostAsync(host, $"{{\"input\":\"hi\",\"stream\":{stream}}}", "*/*");
        Assert.Contains("\"text\":\"Grüße, 'Ann' <你好>\\n\"", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Stream_false_wins_over_the_accept_header()
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await PostAsync(host, """{"input":"hi","stream":false}""", "text/event-stream");
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_refusal_before_the_stream_begins_is_a_problem()
    {
        await using var host = await ApiHost.StartAsync();
        using var response = await PostAsync(host, """{"input":"hi","agent":"unknown"}""", "text/event-stream");
        await response.ProblemAsync(404, "agent-not-found");
    }

    [Fact]
    public async Task A_run_that_fails_in_the_stream_ends_it_with_the_error()
    {
        await using var host = await ApiHost.StartAsync(new ScriptedModel(_ => ScriptedModel.Break("par")));
        using var response = await PostAsync(host, """{"input":"hi","stream":true}""", "*/*");
        var events = await ReadAsync(response).ToListAsync();
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["run.started", "message.delta", "run.failed"], events.Select(e => e.Name));
        Assert.Equal("model_error", events[^1].Data.GetProperty("error").GetProperty("type").GetString());
    }

    [Fact]
    public async Task Text_arrives_while_the_model_continues_and_a_caller_that_attaches_misses_nothing()
    {
        var model = new HeldModel();
        await using var host = await ApiHost.StartAsync(model.Script);
        using var response = await PostAsync(host, """{"input":"hi","stream":true}""", "*/*");
        await using var first = ReadAsync(response).GetAsyncEnumerator();
        await first.MoveNextAsync();
        var run = first.Current.Data.GetProperty("id").GetString();
        await first.MoveNextAsync();
        Assert.Equal("part", first.Current.Data.GetProperty("text").GetString());

        using var attached = await AttachAsync(host, run, lastSeen: "1");
        await using var second = ReadAsync(attached).GetAsyncEnumerator();
        await second.MoveNextAsync();
        Assert.Equal(("2", "message.delta"), (second.Current.Id, second.Current.Name));

        model.Continue();
        Assert.Equal(["3 message.delta", "4 run.completed"], await RestAsync(first));
        Assert.Equal(["3 message.delta", "4 run.completed"], await RestAsync(second));
        using var late = await AttachAsync(host, run, lastSeen: null);
        Assert.Equal(["1 run.started", "2 message.delta", "3 message.delta", "4 run.completed"], await ReadAsync(late).Select(e => $"{e.Id} {e.Name}").ToListAsync());
        using var wrong = await AttachAsync(host, run, lastSeen: "-1");
        Assert.Equal(["Last-Event-ID"], (await wrong.ProblemAsync(400, "invalid-request")).Paths());
    }

    [Fact]
    public async Task A_cancelled_run_ends_its_stream_with_its_output_so_far()
    {
        var model = new HeldModel();
        await using var host = await ApiHost.StartAsync(model.Script);
        using var response = await PostAsync(host, """{"input":"hi","stream":true}""", "*/*");
        await using var events = ReadAsync(response).GetAsyncEnumerator();
        await events.MoveNextAsync();
        var run = events.Current.Data.GetProperty("id").GetString();
        await model.Reached;
        await host.SendAsync(HttpMethod.Post, $"/v1/sessions/s1/runs/{run}/cancel");
        Assert.Equal(["2 message.delta", "3 run.cancelled"], await RestAsync(events));
    }

    internal static async IAsyncEnumerable<(string? Id, string Name, JsonElement Data)> ReadAsync(HttpResponseMessage response)
    {
        await using var stream = await response.Content.ReadAsStreamAsync();
        string? last = null;
        var parser = SseParser.Create(stream, static (_, data) => JsonElement.Parse(data));
        await foreach (var item in parser.EnumerateAsync())
        {
            last = item.EventId ?? last;
            yield return (last, item.EventType, item.Data);
        }
    }

    private static async Task<List<string>> RestAsync(IAsyncEnumerator<(string? Id, string Name, JsonElement Data)> events)
    {
        var rest = new List<string>();
        while (await events.MoveNextAsync()) rest.Add($"{events.Current.Id} {events.Current.Name}");
        return rest;
    }

    private static Task<HttpResponseMessage> PostAsync(ApiHost host, string body, string accept)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/sessions/s1/runs")
        {
            Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.ParseAdd(accept);
        return host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static Task<HttpResponseMessage> AttachAsync(ApiHost host, string? run, string? lastSeen)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/sessions/s1/runs/{run}/events");
        if (lastSeen is not null) request.Headers.Add("Last-Event-ID", lastSeen);
        return host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }
}
