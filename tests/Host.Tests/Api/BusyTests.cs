using System.Text;
using System.Text.Json;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Tests.Api;

/// <summary>What a run does that meets another one on its session: <c>busy</c> and <c>Sessions:Busy</c>.</summary>
public sealed class BusyTests
{
    private static readonly SessionsConfiguration Steering = new() { Busy = BusyPolicy.Steer };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_interrupts_cancels_the_one_in_progress_and_sees_its_partial_output(bool bySetting)
    {
        await using var steered = await SteeredRun.WithoutToolAsync(bySetting ? new SessionsConfiguration { Busy = BusyPolicy.Interrupt } : null, "part", "new");
        var (reached, _) = steered.Hold();
        var path = await steered.BeginAsync();
        await reached;

        var second = await (await RunAsync(steered, "stop", bySetting ? null : "interrupt")).JsonAsync();

        var first = await (await steered.Host.Http.GetAsync(path)).JsonAsync();
        Assert.Equal(("cancelled", "part"), (first.Text("status"), first.Text("text")));
        Assert.Equal(("completed", "new"), (second.Text("status"), second.Text("text")));
        Assert.Equal(["user: go", "assistant: part", "user: stop"], steered.Model.Sent(1));
        Assert.Equal(["user: go (cancelled)", "assistant: part (cancelled)", "user: stop", "assistant: new"], await steered.StoredAsync());
    }

    [Fact]
    public async Task A_run_that_interrupts_leaves_those_alone_that_wait()
    {
        await using var steered = await SteeredRun.WithoutToolAsync(null, "part", "waited", "new");
        var (reached, _) = steered.Hold();
        await steered.BeginAsync();
        await reached;
        var waiting = await (await RunAsync(steered, "wait", null, background: true)).JsonAsync();

        var last = await (await RunAsync(steered, "stop", "interrupt")).JsonAsync();

        Assert.Equal(("completed", "new"), (last.Text("status"), last.Text("text")));
        Assert.Equal("waited", (await (await steered.Host.Http.GetAsync($"/v1/sessions/s/runs/{waiting.Text("id")}")).JsonAsync()).Text("text"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_run_that_steers_gives_its_input_to_the_one_in_progress_and_the_answer_is_that_one(bool bySetting)
    {
        await using var steered = await SteeredRun.WithoutToolAsync(bySetting ? Steering : null, "first", "second");
        var (reached, release) = steered.Hold();
        var path = await steered.BeginAsync();
        await reached;

        var accepted = await RunAsync(steered, "more", bySetting ? null : "steer", background: true);
        var waiting = RunAsync(steered, "and more", bySetting ? null : "steer");
        await steered.UntilAsync(live => live.InProgress().Single().Inbox.Count == 2);
        release();
        var answer = await waiting;

        Assert.Equal("true", Assert.Single(accepted.Headers.GetValues("Run-Steered")));
        Assert.Equal(path, $"/v1/sessions/s/runs/{(await accepted.JsonAsync()).Text("id")}");
        Assert.Equal("true", Assert.Single(answer.Headers.GetValues("Run-Steered")));
        Assert.False(answer.Headers.Contains("Idempotency-Replayed"));
        var run = await answer.JsonAsync();
        Assert.Equal(path, $"/v1/sessions/s/runs/{run.Text("id")}");
        Assert.Equal(["assistant: first", "user: more", "user: and more", "assistant: second"], SteeredRun.OutputOf(run));
        Assert.Single((await (await steered.Host.Http.GetAsync("/v1/sessions/s/runs")).JsonAsync()).GetProperty("data").EnumerateArray());
    }

    [Theory]
    [InlineData("""{"input":[{"role":"user","content":"go"},{"role":"assistant","content":"first"},{"role":"user","content":"more"}],"busy":"steer"}""")]
    [InlineData("""{"input":[{"role":"system","content":"more"}],"busy":"steer"}""")]
    public async Task Input_that_a_run_in_progress_cannot_take_waits_for_its_turn(string body)
    {
        await using var steered = await SteeredRun.WithoutToolAsync(null, "first", "second");
        var (reached, release) = steered.Hold();
        await steered.BeginAsync();
        await reached;
        var second = steered.Host.PostAsync("/v1/sessions/s/runs", body);
        await steered.UntilAsync(live => live.Active == 2);
        release();

        Assert.False((await second).Headers.Contains("Run-Steered"));
        Assert.Equal("second", (await (await second).JsonAsync()).Text("text"));
    }

    [Fact]
    public async Task On_a_session_that_is_free_every_policy_begins_a_run()
    {
        await using var steered = await SteeredRun.WithoutToolAsync(null, "hello");
        foreach (var busy in new[] { "queue", "reject", "interrupt", "steer" })
        {
            var answer = await RunAsync(steered, "hi", busy);
            Assert.False(answer.Headers.Contains("Run-Steered"));
            Assert.Equal("completed", (await answer.JsonAsync()).Text("status"));
        }

        Assert.Equal(["busy"], (await (await RunAsync(steered, "hi", "wait")).ProblemAsync(400, "invalid-request")).Paths());
    }

    [Fact]
    public async Task The_field_of_a_run_counts_more_than_the_setting()
    {
        await using var steered = await SteeredRun.WithoutToolAsync(new SessionsConfiguration { Busy = BusyPolicy.Reject }, "first", "second");
        var (reached, release) = steered.Hold();
        await steered.BeginAsync();
        await reached;
        await (await RunAsync(steered, "refused", null)).ProblemAsync(409, "session-busy");
        var queued = RunAsync(steered, "queued", "queue");
        await steered.UntilAsync(live => live.Active == 2);
        release();
        Assert.Equal("second", (await (await queued).JsonAsync()).Text("text"));
    }

    [Fact]
    public async Task A_repeated_request_that_steered_gives_the_same_run_and_adds_nothing()
    {
        await using var steered = await SteeredRun.WithoutToolAsync(Steering, "first", "second");
        var (reached, release) = steered.Hold();
        var path = await steered.BeginAsync();
        await reached;
        var first = await RunAsync(steered, "more", null, background: true, key: "k");
        var again = await RunAsync(steered, "more", null, background: true, key: "k");
        await (await RunAsync(steered, "other", null, background: true, key: "k")).ProblemAsync(422, "idempotency-key-reused");
        release();
        await steered.EndAsync(path);
        var late = await RunAsync(steered, "more", null, background: true, key: "k");

        foreach (var answer in new[] { first, again, late }) Assert.Equal(path, $"/v1/sessions/s/runs/{(await answer.JsonAsync()).Text("id")}");
        Assert.Equal("true", Assert.Single(again.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal(["user: go", "assistant: first", "user: more", "assistant: second"], await steered.StoredAsync());
    }

    [Fact]
    public async Task On_openais_interface_busy_follows_the_setting_and_input_is_no_item_of_the_output()
    {
        await using var steered = await SteeredRun.WithoutToolAsync(Steering, "first", "second");
        var conversation = (await (await steered.Host.PostAsync("/v1/conversations", "{}")).JsonAsync()).Text("id");
        var (reached, release) = steered.Hold();
        var response = await CreateAsync("go");
        await reached;
        var same = await CreateAsync("more");
        release();

        Assert.Equal(response.Text("id"), same.Text("id"));
        JsonElement ended;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        do ended = await (await steered.Host.Http.GetAsync($"/v1/responses/{response.Text("id")}", limit.Token)).JsonAsync();
        while (ended.Text("status") == "in_progress");
        Assert.Equal(["first", "second"], ended.GetProperty("output").EnumerateArray().Select(i => i.GetProperty("content")[0].Text("text")));
        var items = await (await steered.Host.Http.GetAsync($"/v1/conversations/{conversation}/items?order=asc")).JsonAsync();
        Assert.Equal(
            ["user go", "assistant first", "user more", "assistant second"],
            items.GetProperty("data").EnumerateArray().Select(i => $"{i.Text("role")} {i.GetProperty("content")[0].Text("text")}"));

        async Task<JsonElement> CreateAsync(string text) => await (await steered.Host.PostAsync(
            "/v1/responses", $$"""{"model":"assistant","conversation":"{{conversation}}","input":"{{text}}","background":true}""")).JsonAsync();
    }

    private static Task<HttpResponseMessage> RunAsync(SteeredRun steered, string text, string? busy, bool background = false, string? key = null)
    {
        var body = new Dictionary<string, object> { ["input"] = text };
        if (busy is not null) body["busy"] = busy;
        if (background) body["background"] = true;
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/sessions/s/runs") { Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json") };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return steered.Host.Http.SendAsync(request);
    }
}
