using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Observation;
using PluginHost.Http.Streaming;
using PluginHost.Native;
using PluginHost.Tests.Engine;

namespace PluginHost.Tests.Api;

public sealed class HostEventTests
{
    private static readonly ServerConfiguration WithTenants = new()
    {
        Listen = ["http://127.0.0.1:0"],
        Keys = [ApiKey.Create("acme", "acme", false), ApiKey.Create("globex", "globex", false), ApiKey.Create("admin", "ops", true)],
    };

    [Fact]
    public async Task A_run_is_seen_to_begin_and_to_end_without_its_content()
    {
        await using var host = await ApiHost.StartAsync();
        await using var events = await EventFollower.OpenAsync(host);
        var run = await (await host.PostAsync("/v1/sessions/s/runs", """{"input":"a secret question"}""")).JsonAsync();
        var (started, ended) = (await events.NextAsync(), await events.NextAsync());
        Assert.Equal(("run.started", run.Text("id"), "s"), (started.Name, started.Data.Text("run_id"), started.Data.Text("session_id")));
        Assert.Equal(("run.ended", run.Text("id"), "completed", "assistant", "default"), (ended.Name, ended.Data.Text("run_id"), ended.Data.Text("status"), ended.Data.Text("agent"), ended.Data.Text("tenant")));
        Assert.InRange(ended.Data.GetProperty("duration_ms").GetDouble(), 0, 60_000);
        Assert.True(started.Id < ended.Id);
        Assert.DoesNotContain("secret", started.Data.GetRawText() + ended.Data.GetRawText());
        Assert.DoesNotContain("hello", ended.Data.GetRawText());
    }

    [Fact]
    public async Task A_run_that_fails_has_its_error_type_and_one_that_is_refused_is_none()
    {
        await using var host = await ApiHost.StartAsync(new ScriptedModel(_ => ScriptedModel.Break()));
        await using var events = await EventFollower.OpenAsync(host);
        await (await host.PostAsync("/v1/runs", """{"input":"hi","agent":"missing"}""")).ProblemAsync(404, "agent-not-found");
        Assert.False((await host.PostAsync("/v1/sessions/s/runs", """{"input":"hi"}""")).IsSuccessStatusCode);
        Assert.Equal("run.started", (await events.NextAsync()).Name);
        var ended = await events.NextAsync();
        Assert.Equal(("run.ended", "failed", "model_error"), (ended.Name, ended.Data.Text("status"), ended.Data.Text("error_type")));
    }

    [Fact]
    public async Task A_client_continues_after_the_last_event_that_it_has()
    {
        await using var host = await ApiHost.StartAsync();
        await using (var events = await EventFollower.OpenAsync(host))
        {
            for (var i = 0; i < 3; i++) await host.PostAsync("/v1/sessions/s/runs", """{"input":"hi"}""");
            var first = await events.NextAsync();
            foreach (var (path, header) in new[] { ("/v1/events", first.Id), ($"/v1/events?after={first.Id}", 0) })
            {
                await using var again = await EventFollower.OpenAsync(host, path, lastEventId: header);
                Assert.Equal("run.ended", (await again.NextAsync()).Name);
                Assert.Equal("run.started", (await again.NextAsync()).Name);
            }
        }
    }

    [Fact]
    public async Task An_id_that_is_not_kept_any_more_or_of_another_process_begins_with_a_gap()
    {
        await using var host = await ApiHost.StartAsync();
        for (var i = 0; i < HostEvents.Capacity + 10; i++) host.Engine.Engine.Events.Publish(new HostEvent.Reloaded(i, "reload", []));
        foreach (var id in new[] { 1, long.MaxValue - 1 })
        {
            await using var events = await EventFollower.OpenAsync(host, lastEventId: id);
            var gap = await events.NextAsync();
            Assert.Equal("gap", gap.Name);
            var next = await events.NextAsync();
            Assert.Equal(("reload", 10), (next.Name, next.Data.GetProperty("generation").GetInt32()));
            Assert.True(gap.Id < next.Id);
        }
    }

    [Fact]
    public async Task Tenants_see_their_own_runs_and_admins_those_they_choose()
    {
        await using var host = await ApiHost.StartAsync(WithTenants);
        await using var acme = await EventFollower.OpenAsync(host, key: "acme");
        await using var globex = await EventFollower.OpenAsync(host, key: "globex");
        await using var ops = await EventFollower.OpenAsync(host, key: "admin");
        await using var chosen = await EventFollower.OpenAsync(host, "/v1/events?tenant=globex", key: "admin");
        await using var all = await EventFollower.OpenAsync(host, "/v1/events?tenant=*", key: "admin");
        await RunAsync(host, "acme", "of-acme");
        await RunAsync(host, "globex", "of-globex");
        host.Engine.Engine.Events.Publish(new HostEvent.ReloadRefused(2));
        host.Engine.Engine.Events.Publish(new HostEvent.Reloaded(2, "reload", ["assistant"]));

        Assert.Equal(["run.started of-acme", "run.ended of-acme", "reload"], await acme.TakeAsync(3));
        Assert.Equal(["run.started of-globex", "run.ended of-globex", "reload"], await globex.TakeAsync(3));
        Assert.Equal(["reload.refused", "reload"], await ops.TakeAsync(2));
        Assert.Equal(["run.started of-globex", "run.ended of-globex", "reload.refused"], await chosen.TakeAsync(3));
        Assert.Equal(["run.started of-acme", "run.ended of-acme", "run.started of-globex", "run.ended of-globex", "reload.refused"], await all.TakeAsync(5));
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/v1/events?tenant=globex");
        foreign.Headers.Add("X-Api-Key", "acme");
        await (await host.Http.SendAsync(foreign)).ProblemAsync(403, "forbidden");
    }

    [Fact]
    public async Task A_reload_is_seen_and_so_is_one_that_is_refused()
    {
        var answers = new Queue<bool>([true, false]);
        await using var host = await ApiHost.StartAsync(load: () => answers.Dequeue() ? ApiHost.Setup("new") : ApiHost.Setup("new") with { Errors = [new ConfigurationError("Agents:a", "No model.")] });
        await using var events = await EventFollower.OpenAsync(host);
        await host.SendAsync(HttpMethod.Post, "/v1/reload");
        await host.SendAsync(HttpMethod.Post, "/v1/reload");
        var reload = await events.NextAsync();
        Assert.Equal(("reload", "reload", "new"), (reload.Name, reload.Data.Text("cause"), reload.Data.GetProperty("agents")[0].GetString()));
        Assert.Equal(("reload.refused", 1), ((await events.NextAsync()) is var refused ? refused.Name : "", refused.Data.GetProperty("errors").GetInt32()));
    }

    [Fact]
    public async Task All_streams_share_one_timer_and_the_one_whose_key_is_revoked_ends()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var events = new HostEvents(time);
        var isAllowed = true;
        var (context, other) = (new DefaultHttpContext(), new DefaultHttpContext());
        (context.Response.Body, other.Response.Body) = (new MemoryStream(), new MemoryStream());
        using var left = new CancellationTokenSource();
        var stream = FollowAsync(events, context, () => isAllowed, default);
        var second = FollowAsync(events, other, () => true, left.Token);

        time.Advance(HostEvents.Interval);
        Assert.Equal((1, 2), (events.Ticks, events.Followers));
        isAllowed = false;
        time.Advance(HostEvents.Interval);
        await stream.WaitAsync(TimeSpan.FromSeconds(20));
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.WaitAsync(TimeSpan.FromSeconds(20)));

        var ticks = events.Ticks;
        time.Advance(HostEvents.Interval);
        Assert.Equal((ticks, 0), (events.Ticks, events.Followers));
    }

    [Fact]
    public async Task A_stream_that_is_read_too_slowly_is_dropped_with_its_place()
    {
        var events = new HostEvents(TimeProvider.System);
        var context = new DefaultHttpContext();
        var body = new SlowBody();
        context.Response.Body = body;
        var stream = FollowAsync(events, context, () => true, default);
        events.Publish(new HostEvent.Reloaded(1, "reload", []));
        await body.Reached.Task.WaitAsync(TimeSpan.FromSeconds(20));
        for (var i = 0; i < 2 * HostEvents.Capacity; i++) events.Publish(new HostEvent.Reloaded(i, "reload", []));

        body.Released.SetResult();
        await stream.WaitAsync(TimeSpan.FromSeconds(20));

        var text = System.Text.Encoding.UTF8.GetString(body.ToArray());
        Assert.Matches(@"id: \d+\nevent: dropped\ndata: \{""text"":""[^""]+""\}\n\n\z", text);
        // What it was sent meanwhile is what it had asked for, and no more.
        Assert.InRange(text.Split("event: reload").Length - 1, 0, 2);
    }

    [Fact]
    public async Task Streams_end_when_the_host_stops_after_the_last_event()
    {
        await using var host = await ApiHost.StartAsync();
        await using var events = await EventFollower.OpenAsync(host);
        await host.Services.GetRequiredService<PluginHost.Engine.Hosting.HostRuntime>().DrainAsync();
        Assert.Equal("host.stopping", (await events.NextAsync()).Name);
        await events.EndAsync();
    }

    [Theory]
    [InlineData("after=x", "after")]
    [InlineData("after=-1", "after")]
    [InlineData("session=%2F", "session")]
    [InlineData("kind=run", "kind")]
    public async Task A_wrong_query_is_refused(string query, string name)
    {
        await using var host = await ApiHost.StartAsync();
        Assert.Equal([name], (await (await host.Http.GetAsync($"/v1/events?{query}")).ProblemAsync(400, "invalid-request")).Paths());
    }

    [Fact]
    public async Task Events_of_one_session_or_agent_can_be_asked_for()
    {
        await using var host = await ApiHost.StartAsync();
        await using var one = await EventFollower.OpenAsync(host, "/v1/events?session=b");
        await using var none = await EventFollower.OpenAsync(host, "/v1/events?agent=other");
        foreach (var session in new[] { "a", "b" }) await host.PostAsync($"/v1/sessions/{session}/runs", """{"input":"hi"}""");
        host.Engine.Engine.Events.Publish(new HostEvent.Reloaded(2, "reload", []));
        Assert.Equal(["run.started b", "run.ended b", "reload"], await one.TakeAsync(3));
        Assert.Equal(["reload"], await none.TakeAsync(1));
    }

    private static async Task FollowAsync(HostEvents events, HttpContext context, Func<bool> isAllowed, CancellationToken cancellationToken)
    {
        using var writer = new SseWriter(context.Response);
        await new HostEventStream(events, _ => true, isAllowed, writer).WriteAsync(null, cancellationToken);
    }

    private static async Task RunAsync(ApiHost host, string key, string session)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/sessions/{session}/runs") { Content = new StringContent("""{"input":"hi"}""", null, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        Assert.Equal(HttpStatusCode.OK, (await host.Http.SendAsync(request)).StatusCode);
    }

    /// <summary>A connection whose client reads nothing until it is released.</summary>
    private sealed class SlowBody : MemoryStream
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (System.Text.Encoding.UTF8.GetString(buffer.Span).Contains("reload", StringComparison.Ordinal))
            {
                Reached.TrySetResult();
                await Released.Task;
            }

            await base.WriteAsync(buffer, cancellationToken);
        }
    }
}
