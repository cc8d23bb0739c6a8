using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Tests.Api;

/// <summary>Messages for a run in progress: <c>POST …/runs/{run}/input</c>.</summary>
public sealed class RunInputTests
{
    [Fact]
    public async Task Input_in_the_middle_of_a_tool_loop_reaches_the_next_call_of_the_model_once_and_is_stored_in_its_place()
    {
        await using var steered = await SteeredRun.WithToolAsync(null, "done", "again");
        var (reached, release) = steered.Hold();
        var path = await steered.BeginAsync();
        await reached;

        var answer = await steered.GiveAsync(path, "and this");
        Assert.Equal(("running", path), (answer.Text("status"), $"/v1/sessions/s/runs/{answer.Text("id")}"));
        release();
        var events = await steered.EventsAsync(path);
        await (await steered.Host.PostAsync("/v1/sessions/s/runs", """{"input":"next"}""")).JsonAsync();

        Assert.Equal(["user: go"], steered.Model.Sent(0));
        Assert.Equal(["user: go", "assistant: <look>", "tool: [seen]", "user: and this"], steered.Model.Sent(1));
        Assert.Equal(["user: go", "assistant: <look>", "tool: [seen]", "user: and this", "assistant: done", "user: next"], steered.Model.Sent(2));
        Assert.Equal(
            ["user: go", "assistant: [call 1]", "tool: [result 1: seen]", "user: and this", "assistant: done", "user: next", "assistant: again"], await steered.StoredAsync());
        Assert.Equal(
            ["run.started", "tool.started", "tool.completed", "input.added", "message.delta", "run.completed"], events.Select(e => e.Name));
        var (added, run) = (events[3].Data, events[^1].Data);
        Assert.Equal("user: and this", Outcomes.OutcomeText.Describe(added));
        Assert.Equal(["assistant: [call 1]", "tool: [result 1: seen]", "user: and this", "assistant: done"], SteeredRun.OutputOf(run));
        Assert.Equal(added.Text("id"), run.GetProperty("output")[2].Text("id"));
        Assert.Equal("done", run.Text("text"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Input_during_the_last_call_of_the_model_makes_one_more_call(bool callsTool)
    {
        await using var steered = await SteeredRun.StartAsync(null, null, callsTool, "first", "second");
        var tool = callsTool ? steered.Hold() : default;
        var (reached, release) = steered.Hold();
        var path = await steered.BeginAsync();
        if (callsTool) tool.Release();
        await reached;
        await steered.GiveAsync(path, "more");
        release();
        var run = await steered.EndAsync(path);

        Assert.Equal("completed", run.Text("status"));
        Assert.Equal(["assistant: first", "user: more", "assistant: second"], SteeredRun.OutputOf(run).TakeLast(3));
        Assert.Equal(["assistant: first", "user: more"], steered.Model.Sent(steered.Model.Calls.Count - 1).TakeLast(2));
        Assert.Equal(callsTool ? 3 : 2, steered.Model.Calls.Count);
        Assert.Equal(["assistant: first", "user: more", "assistant: second"], (await steered.StoredAsync()).TakeLast(3));
    }

    [Fact]
    public async Task Several_inputs_reach_the_model_in_order_and_each_once()
    {
        await using var steered = await SteeredRun.WithToolAsync(null, "first", "second");
        var (tool, last) = (steered.Hold(), steered.Hold());
        var path = await steered.BeginAsync();
        await tool.Reached;
        await steered.GiveAsync(path, "one");
        await steered.GiveAsync(path, "two");
        tool.Release();
        await last.Reached;
        await steered.GiveAsync(path, "three");
        last.Release();
        var run = await steered.EndAsync(path);

        Assert.Equal(["user: one", "user: two", "assistant: first", "user: three", "assistant: second"], SteeredRun.OutputOf(run).Skip(2));
        Assert.Equal(["user: one", "user: two"], steered.Model.Sent(1).TakeLast(2));
        Assert.Equal(["user: one", "user: two", "assistant: first", "user: three"], steered.Model.Sent(2).TakeLast(4));
    }

    [Fact]
    public async Task A_run_that_has_ended_answers_409_with_what_to_do_and_an_unknown_one_404()
    {
        await using var steered = await SteeredRun.WithoutToolAsync(null, "done");
        var path = await steered.BeginAsync();
        await steered.EndAsync(path);

        var problem = await (await steered.Host.PostAsync($"{path}/input", """{"input":"late"}""")).ProblemAsync(409, "run-ended");
        Assert.Contains("Start another run", problem.Text("detail"), StringComparison.Ordinal);
        await (await steered.Host.PostAsync("/v1/sessions/s/runs/unknown/input", """{"input":"late"}""")).ProblemAsync(404, "run-not-found");
        await (await steered.Host.PostAsync(path.Replace("/s/", "/other/", StringComparison.Ordinal) + "/input", """{"input":"late"}""")).ProblemAsync(404, "run-not-found");
        Assert.Equal(["user: go", "assistant: done"], await steered.StoredAsync());
    }

    [Fact]
    public async Task A_run_that_waits_for_its_turn_takes_no_messages_yet()
    {
        await using var steered = await SteeredRun.WithoutToolAsync(null, "first", "second");
        var (reached, release) = steered.Hold();
        await steered.BeginAsync();
        await reached;
        var waiting = await steered.BeginAsync();

        var refused = await steered.Host.PostAsync($"{waiting}/input", """{"input":"early"}""");

        await refused.ProblemAsync(409, "run-queued");
        Assert.NotNull(refused.Headers.RetryAfter);
        release();
        Assert.Equal(["assistant: second"], SteeredRun.OutputOf(await steered.EndAsync(waiting)));
    }

    [Fact]
    public async Task A_plugin_that_masks_requests_to_the_model_and_its_output_masks_input_too()
    {
        var masking = new Engine.Probe.Chat((inner, _) => new Masking(inner));
        await using var steered = await SteeredRun.StartAsync(
            null, null, false, [Engine.TestEngine.Plugin(Engine.Probe.Replacing("secret", "***"), "output"), Engine.TestEngine.Plugin(masking, "requests")], "first", "second");
        var (reached, release) = steered.Hold();
        var path = await steered.BeginAsync();
        await reached;
        await steered.GiveAsync(path, "a secret");
        release();

        Assert.Equal("user: a ***", SteeredRun.OutputOf(await steered.EndAsync(path))[1]);
        Assert.Equal("user: a ***", steered.Model.Sent(1).Last());
        Assert.Contains("user: a ***", await steered.StoredAsync());
    }

    private sealed class Masking(IChatClient inner) : DelegatingChatClient(inner)
    {
        public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            base.GetStreamingResponseAsync(messages.Select(m => new ChatMessage(m.Role, m.Text.Replace("secret", "***", StringComparison.Ordinal))), options, cancellationToken);
    }

    [Fact]
    public async Task The_run_of_another_tenant_is_not_found()
    {
        var server = new ServerConfiguration { Listen = ["http://127.0.0.1:0"], Keys = [ApiKey.Create("a", "acme", false), ApiKey.Create("g", "globex", true)] };
        await using var steered = await SteeredRun.StartAsync(null, server, false, "done");
        var (reached, release) = steered.Hold();
        steered.Host.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "a");
        var path = await steered.BeginAsync();
        await reached;
        steered.Host.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "g");
        await (await steered.Host.PostAsync($"{path}/input", """{"input":"foreign"}""")).ProblemAsync(404, "run-not-found");
        steered.Host.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "a");
        release();
        Assert.Equal(["assistant: done"], SteeredRun.OutputOf(await steered.EndAsync(path)));
    }

    [Theory]
    [InlineData("""{}""", "input")]
    [InlineData("""{"input":""}""", "input")]
    [InlineData("""{"input":[]}""", "input")]
    [InlineData("""{"input":"a","agent":"b"}""", "agent")]
    [InlineData("""{"input":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}""", "input[1].role")]
    [InlineData("""{"input":[{"role":"system","content":"b"}]}""", "input[0].role")]
    [InlineData("""{"input":[{"role":"tool","content":[{"type":"function_result","call_id":"1","result":2}]}]}""", "input[0].role")]
    [InlineData("""{"input":[{"role":"user","content":"1"},{"role":"user","content":"2"},{"role":"user","content":"3"}]}""", "input")]
    public async Task Input_that_a_run_cannot_take_is_refused_with_its_path(string body, string path)
    {
        await using var steered = await SteeredRun.WithoutToolAsync(new SessionsConfiguration { MaxInputMessages = 2 }, "done");
        var (reached, release) = steered.Hold();
        var run = await steered.BeginAsync();
        await reached;

        var problem = await (await steered.Host.PostAsync($"{run}/input", body)).ProblemAsync(400, "invalid-request");

        Assert.Equal([path], problem.Paths());
        release();
        Assert.Single(SteeredRun.OutputOf(await steered.EndAsync(run)));
    }

    [Fact]
    public async Task A_run_takes_a_limited_number_of_messages()
    {
        await using var steered = await SteeredRun.WithoutToolAsync(new SessionsConfiguration { MaxInputMessages = 2 }, "done");
        var (reached, release) = steered.Hold();
        var run = await steered.BeginAsync();
        await reached;
        await steered.GiveAsync(run, "one");
        await steered.GiveAsync(run, "two");
        await (await steered.Host.PostAsync($"{run}/input", """{"input":"three"}""")).ProblemAsync(409, "run-input-full");
        release();
        Assert.Equal(4, SteeredRun.OutputOf(await steered.EndAsync(run)).Count);
    }

    [Fact]
    public async Task The_same_key_gives_the_messages_once_while_the_run_is_in_progress_and_when_it_has_ended()
    {
        await using var steered = await SteeredRun.WithoutToolAsync(new SessionsConfiguration { MaxEndedRunBytes = 0 }, "first", "second");
        var (reached, release) = steered.Hold();
        var path = await steered.BeginAsync();
        await reached;
        Assert.False((await GiveAsync("k", "more")).Headers.Contains("Idempotency-Replayed"));
        Assert.True((await GiveAsync("k", "more")).Headers.Contains("Idempotency-Replayed"));
        await (await GiveAsync("k", "other")).ProblemAsync(422, "idempotency-key-reused");
        release();
        await steered.EndAsync(path);

        // The run is no longer in memory: its record tells.
        var repeated = await GiveAsync("k", "more");
        Assert.Equal((202, true), ((int)repeated.StatusCode, repeated.Headers.Contains("Idempotency-Replayed")));
        await (await GiveAsync("k2", "more")).ProblemAsync(409, "run-ended");
        Assert.Equal(["user: go", "assistant: first", "user: more", "assistant: second"], await steered.StoredAsync());

        Task<HttpResponseMessage> GiveAsync(string key, string text)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, $"{path}/input") { Content = new StringContent(JsonSerializer.Serialize(new { input = text }), Encoding.UTF8, "application/json") };
            request.Headers.Add("Idempotency-Key", key);
            return steered.Host.Http.SendAsync(request);
        }
    }

    [Fact]
    public async Task Input_for_a_run_that_is_cancelled_before_the_model_has_it_is_stored_with_the_run()
    {
        await using var steered = await SteeredRun.WithToolAsync(null, "done");
        var (reached, _) = steered.Hold();
        var path = await steered.BeginAsync();
        await reached;
        await steered.GiveAsync(path, "and this");
        var run = await (await steered.Host.SendAsync(HttpMethod.Post, $"{path}/cancel")).JsonAsync();

        Assert.Equal("user: and this", SteeredRun.OutputOf(run)[^1]);
        Assert.Equal("user: and this (cancelled)", (await steered.StoredAsync())[^1]);
        var next = await (await steered.Host.PostAsync("/v1/sessions/s/runs", """{"input":"next"}""")).JsonAsync();
        Assert.Equal("completed", next.Text("status"));
        Assert.Equal(["user: and this", "user: next"], steered.Model.Sent(1).TakeLast(2));
    }

    [Fact]
    public async Task Input_that_a_failed_run_had_is_stored_as_its_input()
    {
        await using var steered = await SteeredRun.WithToolAsync(null, "broken");
        var (tool, last) = (steered.Hold(), steered.Hold());
        var path = await steered.BeginAsync();
        await tool.Reached;
        await steered.GiveAsync(path, "taken");
        tool.Release();
        await last.Reached;
        await steered.GiveAsync(path, "waiting");
        last.Release();

        Assert.Equal("failed", (await steered.EndAsync(path)).Text("status"));
        Assert.Equal(["user: go (failed)", "user: taken (failed)", "user: waiting (failed)"], await steered.StoredAsync());
    }
}
