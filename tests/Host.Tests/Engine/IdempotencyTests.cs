using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

public sealed class IdempotencyTests
{
    private readonly Hanging _hanging = new();

    [Fact]
    public async Task A_second_request_joins_the_run_in_flight()
    {
        var model = new ScriptedModel(_ => WaitThenSay());
        await using var engine = new TestEngine(model, []);
        var first = await engine.Engine.StartAsync(Keyed("hi"), default);
        await _hanging.Entered;

        var second = await engine.Engine.StartAsync(Keyed("hi"), default);
        var other = await Assert.ThrowsAsync<ProblemException>(async () => await engine.Engine.StartAsync(Keyed("hi", hash: "other"), default));
        _hanging.LetGo();
        var events = new List<RunEvent>();
        await foreach (var e in second.ReadEventsAsync(0, default)) events.Add(e);

        Assert.Equal(first.Record.Id, second.Record.Id);
        Assert.Equal(422, other.Status);
        Assert.Equal("ok", Assert.IsType<RunEvent.Ended>(events[^1]).Run.Output.Single().Text);
        Assert.Single(model.Calls);
    }

    [Fact]
    public async Task Requests_that_come_at_once_make_one_run()
    {
        var model = ScriptedModel.Saying("ok");
        await using var engine = new TestEngine(model, []);

        var runs = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => engine.RunAsync(Keyed("hi")))));

        Assert.Single(runs.Select(r => r.Id).Distinct());
        Assert.All(runs, r => Assert.Equal("ok", r.Output.Single().Text));
        Assert.Single(model.Calls);
        Assert.Equal(2, (await engine.StoredAsync("s")).Count);
    }

    [Fact]
    public async Task A_retry_right_after_a_failure_runs_anew_and_replaces_what_the_failure_stored()
    {
        for (var i = 0; i < 20; i++)
        {
            var model = new ScriptedModel(_ => ScriptedModel.Break("half"), _ => ScriptedModel.Break(), _ => ScriptedModel.Say("ok"));
            await using var engine = new TestEngine(model, []);

            await engine.RunAsync(Keyed("hi"));
            await engine.RunAsync(Keyed("hi"));
            var run = await engine.RunAsync(Keyed("hi"));

            Assert.Equal((RunStatus.Completed, 3), (run.Status, run.Attempt));
            Assert.Equal(["user: hi", "assistant: ok"], await engine.StoredAsync("s", includeFailed: true));
            Assert.Equal(["user: hi"], model.Sent(2));
            Assert.Single((await engine.Engine.ListRunsAsync(new RunQuery { Tenant = "default", SessionId = "s" }, default)).Items);
        }
    }

    [Fact]
    public async Task A_refused_run_does_not_use_the_key_up()
    {
        await using var engine = new TestEngine(new ScriptedModel(_ => WaitThenSay(), _ => ScriptedModel.Say("ok")), [], new() { Busy = BusyPolicy.Reject });
        var first = await engine.Engine.StartAsync(Command("s", "first"), default);
        await _hanging.Entered;

        await Assert.ThrowsAsync<ProblemException>(() => engine.RunAsync(Keyed("hi")));
        _hanging.LetGo();
        await first.Completion;
        var run = await engine.RunAsync(Keyed("hi"));

        Assert.Equal((RunStatus.Completed, 1), (run.Status, run.Attempt));
    }

    private static RunCommand Keyed(string text, string hash = "h") => Command("s", text) with { IdempotencyKey = "k", RequestHash = hash };

    private async IAsyncEnumerable<ChatResponseUpdate> WaitThenSay()
    {
        await _hanging.ForeverAsync();
        yield return new(ChatRole.Assistant, "ok");
    }
}
