using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Tests.Engine;
using PluginHost.Tests.Engine.Approvals;

namespace PluginHost.Tests.Api;

/// <summary>Approvals as callers and approvers see them.</summary>
public sealed class ApprovalEndpointTests
{
    private static readonly ServerConfiguration Keys = new()
    {
        Listen = ["http://127.0.0.1:0"],
        Keys = [ApiKey.Create("app", "default", isAdmin: false), ApiKey.Create("approver", "default", isAdmin: false), ApiKey.Create("stranger", "other", isAdmin: false)],
    };

    private readonly ApprovalHost _tools = new();

    [Fact]
    public async Task A_run_answers_with_the_call_that_another_key_of_the_tenant_then_approves()
    {
        await using var host = await StartAsync(ApprovalHost.PayThenSay(), Keys);
        host.Http.DefaultRequestHeaders.Authorization = new("Bearer", "app");
        var run = await (await host.PostAsync("/v1/sessions/s1/runs", """{"input":"pay"}""")).JsonAsync();
        var asked = run.GetProperty("approvals")[0];
        Assert.Equal(("requires_action", "I will."), (run.Text("status"), run.Text("text")));
        Assert.False(run.TryGetProperty("completed_at", out _));
        Assert.Equal(("pending", "1", "pay", """{"amount":5}""", "tools", run.Text("id")), (asked.Text("status"), asked.Text("call_id"), asked.Text("tool"), asked.GetProperty("arguments").GetRawText(), asked.Text("source"), asked.Text("run_id")));
        Assert.Equal("""{"read_only":false,"destructive":true}""", asked.GetProperty("hints").GetRawText());
        Assert.DoesNotContain("pproval", run.GetProperty("output").GetRawText(), StringComparison.Ordinal);
        Assert.Equal(run.GetRawText(), (await (await host.Http.GetAsync($"/v1/sessions/s1/runs/{run.Text("id")}")).JsonAsync()).GetRawText());

        host.Http.DefaultRequestHeaders.Authorization = new("Bearer", "stranger");
        Assert.Equal(0, (await (await host.Http.GetAsync("/v1/approvals")).JsonAsync()).GetProperty("data").GetArrayLength());
        await (await host.Http.GetAsync($"/v1/approvals/{asked.Text("id")}")).ProblemAsync(404, "approval-not-found");
        await (await host.PostAsync($"/v1/approvals/{asked.Text("id")}", """{"approve":true}""")).ProblemAsync(404, "approval-not-found");

        host.Http.DefaultRequestHeaders.Authorization = new("Bearer", "approver");
        var listed = (await (await host.Http.GetAsync("/v1/approvals")).JsonAsync()).GetProperty("data");
        Assert.Equal(asked.GetRawText(), Assert.Single(listed.EnumerateArray()).GetRawText());
        await (await host.PostAsync("/v1/sessions/s1/runs", """{"input":"more"}""")).ProblemAsync(409, "approval-pending");
        await (await host.PostAsync($"/v1/approvals/{asked.Text("id")}", """{"approve":true,"arguments":{"amount":6}}""")).ProblemAsync(409, "approval-mismatch");
        var decided = await (await host.PostAsync($"/v1/approvals/{asked.Text("id")}", """{"approve":true,"call_id":"1","arguments":{"amount":5}}""")).JsonAsync();
        await (await host.PostAsync($"/v1/approvals/{asked.Text("id")}", """{"approve":true}""")).ProblemAsync(409, "approval-decided");
        var events = await (await host.Http.GetAsync($"/v1/sessions/s1/runs/{run.Text("id")}/events")).Content.ReadAsStringAsync();
        var ended = await (await host.Http.GetAsync($"/v1/sessions/s1/runs/{run.Text("id")}")).JsonAsync();

        Assert.Equal("approved", decided.Text("status"));
        Assert.StartsWith("key ", decided.Text("decided_by"), StringComparison.Ordinal);
        Assert.Contains("event: run.completed", events, StringComparison.Ordinal);
        Assert.Equal(("completed", "I will.done"), (ended.Text("status"), ended.Text("text")));
        Assert.False(ended.TryGetProperty("approvals", out _));
        Assert.Equal(decided.GetRawText(), (await (await host.Http.GetAsync($"/v1/approvals/{asked.Text("id")}")).JsonAsync()).GetRawText());
        Assert.Equal(["pay"], _tools.Acted);
    }

    [Fact]
    public async Task A_stream_ends_with_the_approval_and_is_taken_up_after_the_decision()
    {
        await using var host = await StartAsync(ApprovalHost.PayThenSay());
        var first = await EventsAsync(await host.PostAsync("/v1/sessions/s1/runs", """{"input":"pay","stream":true}"""));
        Assert.Equal(["run.started", "message.delta", "tool.started", "approval.required", "run.requires_action"], first.Select(e => e.Name));
        var (id, run) = (first[3].Data.Text("id"), first[3].Data.Text("run_id"));

        var waiting = await AttachAsync(host, run!, first[2].Id);
        await host.PostAsync($"/v1/approvals/{id}", """{"approve":false,"reason":"no"}""");
        var rest = await AttachAsync(host, run!, first[^1].Id);
        var whole = await AttachAsync(host, run!, 0);

        Assert.Equal(first.Skip(3).Select(e => (e.Id, e.Name)), waiting.Select(e => (e.Id, e.Name)));
        Assert.Equal(["approval.decided", "tool.completed", "message.delta", "run.completed"], rest.Select(e => e.Name));
        Assert.Equal(("refused", "no"), (rest[0].Data.Text("status"), rest[0].Data.Text("reason")));
        Assert.Equal(first[^1].Id + 1, rest[0].Id);
        Assert.Equal(first.SkipLast(1).Concat(rest).Select(e => (e.Id, e.Name)), whole.Select(e => (e.Id, e.Name)));
        Assert.Empty(_tools.Effects);
    }

    [Fact]
    public async Task A_decision_that_is_repeated_with_its_key_has_the_same_answer()
    {
        await using var host = await StartAsync(ApprovalHost.PayThenSay());
        var run = await (await host.PostAsync("/v1/sessions/s1/runs", """{"input":"pay"}""")).JsonAsync();
        var path = $"/v1/approvals/{run.GetProperty("approvals")[0].Text("id")}";
        host.Http.DefaultRequestHeaders.Add("Idempotency-Key", "k");

        var first = await (await host.PostAsync(path, """{"approve":true}""")).JsonAsync();
        var again = await (await host.PostAsync(path, """{"approve":true}""")).JsonAsync();
        await (await host.PostAsync(path, """{"approve":false}""")).ProblemAsync(409, "approval-decided");

        Assert.Equal(first.GetRawText(), again.GetRawText());
    }

    [Fact]
    public async Task The_list_is_paged_over_runs_with_several_calls_each()
    {
        var model = new ScriptedModel(_ => ApprovalHost.Calls(("1", "pay", 1), ("2", "pay", 2), ("3", "pay", 3)));
        await using var host = await StartAsync(model);
        var all = new List<string?>();
        for (var i = 0; i < 4; i++)
            all.AddRange((await (await host.PostAsync($"/v1/sessions/s{i}/runs", """{"input":"pay"}""")).JsonAsync()).GetProperty("approvals").EnumerateArray().Select(a => a.Text("id")));

        var (found, after) = (new List<string?>(), "");
        for (var more = true; more;)
        {
            var page = await (await host.Http.GetAsync($"/v1/approvals?limit=5{after}")).JsonAsync();
            found.AddRange(page.GetProperty("data").EnumerateArray().Select(a => a.Text("id")));
            (more, after) = (page.GetProperty("has_more").GetBoolean(), $"&after={found[^1]}");
            // A place that is decided meanwhile is still a place.
            await host.PostAsync($"/v1/approvals/{found[^1]}", """{"approve":false}""");
        }

        Assert.Equal(all, found);
        await (await host.Http.GetAsync("/v1/approvals?after=apr_x.y")).ProblemAsync(400, "invalid-request");
    }

    [Theory]
    [InlineData("""{}""", "approve")]
    [InlineData("""{"approve":"yes"}""", "approve")]
    [InlineData("""{"approve":true,"arguments":[1]}""", "arguments")]
    [InlineData("""{"approve":true,"decision":1}""", "decision")]
    public async Task A_bad_decision_is_refused_with_its_path(string body, string path)
    {
        await using var host = await StartAsync(ApprovalHost.PayThenSay());
        var problem = await (await host.PostAsync("/v1/approvals/apr_x.y", body)).ProblemAsync(400, "invalid-request");
        Assert.Equal([path], problem.Paths());
    }

    [Fact]
    public async Task A_parked_run_is_cancelled_by_its_path()
    {
        await using var host = await StartAsync(ApprovalHost.PayThenSay());
        var run = await (await host.PostAsync("/v1/sessions/s1/runs", """{"input":"pay"}""")).JsonAsync();

        var cancelled = await (await host.SendAsync(HttpMethod.Post, $"/v1/sessions/s1/runs/{run.Text("id")}/cancel")).JsonAsync();

        Assert.Equal("cancelled", cancelled.Text("status"));
        Assert.Equal(HttpStatusCode.OK, (await host.PostAsync("/v1/sessions/s1/runs", """{"input":"more"}""")).StatusCode);
        Assert.Empty(_tools.Effects);
    }

    private Task<ApiHost> StartAsync(IChatClient model, ServerConfiguration? server = null) => ApiHost.StartAsync(server, model: model, plugins: [_tools.Tools()]);

    private static async Task<List<(long Id, string Name, JsonElement Data)>> AttachAsync(ApiHost host, string run, long after)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/sessions/s1/runs/{run}/events");
        request.Headers.Add("Last-Event-ID", $"{after}");
        return await EventsAsync(await host.Http.SendAsync(request));
    }

    private static async Task<List<(long Id, string Name, JsonElement Data)>> EventsAsync(HttpResponseMessage answer)
    {
        var events = new List<(long, string, JsonElement)>();
        foreach (var block in (await answer.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = block.Split('\n').Select(l => l.Split(": ", 2)).Where(l => l.Length == 2).ToLookup(l => l[0], l => l[1]);
            if (lines["data"].FirstOrDefault() is { } data) events.Add((long.Parse(lines["id"].First()), lines["event"].First(), JsonElement.Parse(data)));
        }

        return events;
    }
}
