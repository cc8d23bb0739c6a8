using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Api;

public sealed class RunEndpointTests
{
    [Fact]
    public async Task A_run_answers_with_its_output_and_creates_its_session()
    {
        await using var host = await ApiHost.StartAsync();
        var answer = await host.PostAsync("/v1/sessions/s1/runs", """{"agent":"assistant","input":"hi","metadata":{"k":"v"}}""");
        var run = await answer.JsonAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(("run", "s1", "assistant", "completed", "hello"), (Text(run, "object"), Text(run, "session_id"), Text(run, "agent"), Text(run, "status"), Text(run, "text")));
        Assert.Equal("""[{"type":"text","text":"hello"}]""", run.GetProperty("output")[0].GetProperty("content").GetRawText());
        Assert.Equal("v", run.GetProperty("metadata").GetProperty("k").GetString());
        var read = await (await host.Http.GetAsync($"/v1/sessions/s1/runs/{Text(run, "id")}")).JsonAsync();
        Assert.Equal(run.GetRawText(), read.GetRawText());
        var list = await (await host.Http.GetAsync("/v1/sessions/s1/runs")).JsonAsync();
        Assert.Equal(Text(run, "id"), Text(list.GetProperty("data")[0], "id"));
    }

    [Fact]
    public async Task A_run_without_a_session_gets_a_new_one()
    {
        await using var host = await ApiHost.StartAsync();
        var run = await (await host.PostAsync("/v1/runs", """{"input":"hi"}""")).JsonAsync();
        Assert.Equal(HttpStatusCode.OK, (await host.Http.GetAsync($"/v1/sessions/{Text(run, "session_id")}")).StatusCode);
        await (await host.PostAsync("/v1/runs", """{"input":"hi","create":false}""")).ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task A_refused_run_stores_nothing()
    {
        await using var host = await ApiHost.StartAsync();
        await (await host.PostAsync("/v1/sessions/s1/runs", """{"agent":"unknown","input":"hi"}""")).ProblemAsync(404, "agent-not-found");
        await (await host.PostAsync("/v1/sessions/s1/runs", """{"input":"hi","create":false}""")).ProblemAsync(404, "session-not-found");
        await (await host.Http.GetAsync("/v1/sessions/s1/runs/r1")).ProblemAsync(404, "run-not-found");
        await (await host.SendAsync(HttpMethod.Post, "/v1/sessions/s1/runs/r1/cancel")).ProblemAsync(404, "run-not-found");
        await (await host.Http.GetAsync("/v1/sessions/s1/runs/r1/events")).ProblemAsync(404, "run-not-found");
        await (await host.Http.GetAsync("/v1/sessions/s1")).ProblemAsync(404, "session-not-found");
    }

    [Fact]
    public async Task Options_tools_and_every_kind_of_part_reach_the_model()
    {
        var model = ScriptedModel.Saying("ok");
        await using var host = await ApiHost.StartAsync(model);
        var answer = await host.PostAsync("/v1/sessions/s1/runs", """
            {
              "input": [
                {"role":"developer","content":"be brief"},
                {"role":"user","author":"Ann","content":[
                  {"type":"text","text":"look"},
                  {"type":"data","media_type":"image/png","data":"AQID","name":"p.png"},
                  {"type":"uri","media_type":"image/png","uri":"https://example.com/p.png"}]},
                {"role":"assistant","content":[
                  {"type":"reasoning","text":"hm","protected_data":"x"},
                  {"type":"function_call","call_id":"c1","name":"f","arguments":{"a":[1,{"b":null}]}}]},
                {"role":"tool","content":[{"type":"function_result","call_id":"c1","result":{"n":1}}]},
                {"role":"user","content":"and?"}
              ],
              "options": {
                "temperature": 0.5, "max_output_tokens": 7,
                "response_format": {"type":"json_schema","name":"r","schema":{"type":"object"}},
                "tools": [{"name":"g","description":"does g","parameters":{"type":"object","properties":{"q":{"type":"string"}}}}]
              }
            }
            """);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var call = model.Calls.Single();
        Assert.Equal(["developer", "user", "assistant", "tool", "user"], call.Messages.Select(m => m.Role.Value));
        Assert.Equal("Ann", call.Messages[1].AuthorName);
        Assert.Equal([1, 2, 3], call.Messages[1].Contents.OfType<DataContent>().Single().Data.ToArray());
        Assert.Equal("https://example.com/p.png", call.Messages[1].Contents.OfType<UriContent>().Single().Uri.ToString());
        Assert.Equal("x", call.Messages[2].Contents.OfType<TextReasoningContent>().Single().ProtectedData);
        Assert.Equal("""[1,{"b":null}]""", call.Messages[2].Contents.OfType<FunctionCallContent>().Single().Arguments!["a"]!.ToString());
        Assert.Equal((0.5f, 7), (call.Options!.Temperature, call.Options.MaxOutputTokens));
        Assert.Equal("r", Assert.IsType<ChatResponseFormatJson>(call.Options.ResponseFormat).SchemaName);
        Assert.Contains("\"q\"", Assert.IsType<AIFunctionDeclaration>(Assert.Single(call.Options.Tools!), exactMatch: false).JsonSchema.GetRawText());
    }

    [Fact]
    public async Task A_failed_run_is_a_problem_that_names_run_and_error_type()
    {
        await using var host = await ApiHost.StartAsync(new ScriptedModel(_ => ScriptedModel.Break("par")));
        var problem = await (await host.PostAsync("/v1/sessions/s1/runs", """{"input":"hi"}""")).ProblemAsync(502, "run-failed");
        Assert.Equal("model_error", Text(problem, "error_type"));
        var run = await (await host.Http.GetAsync($"/v1/sessions/{Text(problem, "session_id")}/runs/{Text(problem, "run_id")}")).JsonAsync();
        Assert.Equal("failed", Text(run, "status"));
        Assert.Equal("model_error", Text(run.GetProperty("error"), "type"));
        Assert.Empty((await (await host.Http.GetAsync("/v1/sessions/s1/messages")).JsonAsync()).GetProperty("data").EnumerateArray());
        var message = (await (await host.Http.GetAsync("/v1/sessions/s1/messages?include_failed=true")).JsonAsync()).GetProperty("data")[0];
        Assert.Equal("failed", Text(message, "outcome"));
    }

    [Fact]
    public async Task A_call_of_the_callers_tool_ends_the_run_and_its_result_continues_the_session()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("c1", "ask")), _ => ScriptedModel.Say("thanks"));
        await using var host = await ApiHost.StartAsync(model);
        var asked = await (await host.PostAsync("/v1/sessions/s1/runs", """{"input":"hi","options":{"tools":[{"name":"ask"}]}}""")).JsonAsync();
        Assert.Equal("requires_action", Text(asked, "status"));
        var call = asked.GetProperty("output")[0].GetProperty("content")[0];
        Assert.Equal("""{"type":"function_call","arguments":{},"call_id":"c1","name":"ask"}""", Sorted(call));
        var done = await (await host.PostAsync("/v1/sessions/s1/runs", """
            {"input":[{"role":"tool","content":[{"type":"function_result","call_id":"c1","result":"42"}]}]}
            """)).JsonAsync();
        Assert.Equal(("completed", "thanks"), (Text(done, "status"), Text(done, "text")));
    }

    [Fact]
    public async Task A_run_in_the_background_on_a_session_that_is_not_there_is_refused_at_once()
    {
        await using var host = await ApiHost.StartAsync();

        using var answer = await host.PostAsync("/v1/sessions/nowhere/runs", """{"input":"hi","background":true,"create":false}""");
        using var response = await host.PostAsync("/v1/responses", """{"model":"assistant","input":"hi","background":true,"conversation":"nowhere"}""");

        await answer.ProblemAsync(404, "session-not-found");
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task A_run_in_the_background_is_accepted_at_once_and_can_be_cancelled()
    {
        var model = new HeldModel();
        await using var host = await ApiHost.StartAsync(model.Script);
        var accepted = await host.PostAsync("/v1/sessions/s1/runs", """{"input":"hi","background":true}""");
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Contains(Text(await accepted.JsonAsync(), "status"), new[] { "queued", "running" });
        var path = accepted.Headers.Location!.ToString();
        await model.Reached;
        Assert.Equal("running", Text(await (await host.Http.GetAsync(path)).JsonAsync(), "status"));
        var cancelled = await (await host.SendAsync(HttpMethod.Post, path + "/cancel")).JsonAsync();
        Assert.Equal(("cancelled", "part"), (Text(cancelled, "status"), Text(cancelled, "text")));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task A_lost_connection_cancels_the_run_when_so_configured(bool cancels, bool streamed)
    {
        var model = new HeldModel();
        await using var host = await ApiHost.StartAsync(model.Script, new SessionsConfiguration { OnDisconnect = cancels ? DisconnectPolicy.Cancel : DisconnectPolicy.Complete });
        using var caller = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/sessions/s1/runs")
        {
            Content = new StringContent($$"""{"input":"hi","stream":{{(streamed ? "true" : "false")}}}""", System.Text.Encoding.UTF8, "application/json"),
        };
        var waiting = host.Http.SendAsync(request, HttpCompletionOption.ResponseContentRead, caller.Token);
        await model.Reached;
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        if (cancels) await model.Cancelled.WaitAsync(TimeSpan.FromSeconds(20));
        else model.Continue();
        // The session's next run begins when this one has ended.
        await host.PostAsync("/v1/sessions/s1/runs", """{"input":"next"}""");
        var runs = await (await host.Http.GetAsync("/v1/sessions/s1/runs")).JsonAsync();
        Assert.Equal(cancels ? "cancelled" : "completed", Text(runs.GetProperty("data")[0], "status"));
    }

    [Fact]
    public async Task Runs_beyond_the_queue_are_refused_with_a_time_to_retry()
    {
        var model = new HeldModel();
        await using var host = await ApiHost.StartAsync(model.Script, new SessionsConfiguration { Busy = BusyPolicy.Reject });
        await host.PostAsync("/v1/sessions/s1/runs", """{"input":"hi","background":true}""");
        await model.Reached;
        var refused = await host.PostAsync("/v1/sessions/s1/runs", """{"input":"hi"}""");
        await refused.ProblemAsync(409, "session-busy");
        Assert.NotNull(refused.Headers.RetryAfter);
        model.Continue();
    }

    private static string? Text(System.Text.Json.JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string Sorted(System.Text.Json.JsonElement json) =>
        "{" + string.Join(',', json.EnumerateObject().OrderBy(p => p.Name == "type" ? "" : p.Name, StringComparer.Ordinal).Select(p => $"\"{p.Name}\":{p.Value.GetRawText()}")) + "}";
}

/// <summary>A model that says a part and then waits until it may continue or is cancelled. Its later calls answer at once.</summary>
internal sealed class HeldModel
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _continued = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public HeldModel() => Script = new ScriptedModel(call => Say(call.Cancellation), _ => ScriptedModel.Say("fine"));

    public ScriptedModel Script { get; }

    public Task Reached => _reached.Task.WaitAsync(TimeSpan.FromSeconds(20));

    public Task Cancelled => _cancelled.Task;

    public void Continue() => _continued.TrySetResult();

    private async IAsyncEnumerable<ChatResponseUpdate> Say([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new ChatResponseUpdate(ChatRole.Assistant, "part") { MessageId = "m" };
        _reached.TrySetResult();
        try
        {
            await _continued.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _cancelled.TrySetResult();
            throw;
        }

        yield return new ChatResponseUpdate(ChatRole.Assistant, " rest") { MessageId = "m" };
    }
}
