using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>Runs of one session come one after the other, in the order of arrival, or get the reason why not.</summary>
public sealed class GateTests
{
    private readonly Hanging _hanging = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));

    [Fact]
    public async Task More_than_the_limit_may_not_wait()
    {
        await using var engine = Engine(new SessionsConfiguration { QueueLimit = 2 });
        var first = await StartFirstAsync(engine);
        var waiting = new[] { engine.RunAsync("s", "2"), engine.RunAsync("s", "3") };

        var refused = await Assert.ThrowsAsync<ProblemException>(() => engine.RunAsync("s", "4"));

        Assert.Equal((429, "session-queue-full"), (refused.Status, refused.Type.Slug));
        Assert.NotNull(refused.RetryAfterSeconds);
        _hanging.LetGo();
        await first.Completion;
        Assert.All(await Task.WhenAll(waiting), r => Assert.Equal(RunStatus.Completed, r.Status));
        Assert.Equal(6, (await engine.StoredAsync("s")).Count);
    }

    [Fact]
    public async Task Where_busy_sessions_refuse_another_run_is_a_conflict_and_nothing_of_it_is_stored()
    {
        await using var engine = Engine(new SessionsConfiguration { Busy = BusyPolicy.Reject });
        var first = await StartFirstAsync(engine);

        var refused = await Assert.ThrowsAsync<ProblemException>(() => engine.RunAsync("s", "2"));
        _hanging.LetGo();
        await first.Completion;

        Assert.Equal((409, "session-busy"), (refused.Status, refused.Type.Slug));
        Assert.Equal(2, (await engine.StoredAsync("s")).Count);
        Assert.Equal(RunStatus.Completed, (await engine.RunAsync("s", "3")).Status);
    }

    [Fact]
    public async Task Waiting_has_a_time_limit()
    {
        await using var engine = Engine(new SessionsConfiguration { QueueTimeout = TimeSpan.FromSeconds(7) });
        var first = await StartFirstAsync(engine);
        var waiting = engine.RunAsync("s", "2");

        _time.Advance(TimeSpan.FromSeconds(7));

        var refused = await Assert.ThrowsAsync<ProblemException>(() => waiting);
        Assert.Equal((409, "session-busy"), (refused.Status, refused.Type.Slug));
        Assert.Contains("7 s", refused.Message, StringComparison.Ordinal);
        _hanging.LetGo();
        await first.Completion;
        Assert.Equal(2, (await engine.StoredAsync("s")).Count);
    }

    [Fact]
    public async Task A_waiting_run_whose_caller_is_lost_keeps_its_place()
    {
        await using var engine = Engine(new SessionsConfiguration());
        var first = await StartFirstAsync(engine);
        using var impatient = new CancellationTokenSource();
        var second = engine.RunAsync("s", "2");
        var gaveUp = engine.Engine.StartAsync(Command("s", "3"), impatient.Token).AsTask();
        var fourth = engine.RunAsync("s", "4");
        var fifth = engine.RunAsync("s", "5");

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gaveUp);
        _hanging.LetGo();
        await Task.WhenAll(first.Completion, second, fourth, fifth);

        Assert.Equal(["user: 1", "user: 2", "user: 3", "user: 4", "user: 5"], (await engine.StoredAsync("s")).Where(m => m.StartsWith('u')));
    }

    [Fact]
    public async Task A_cancel_of_a_waiting_run_does_not_wait_for_its_turn()
    {
        await using var engine = Engine(new SessionsConfiguration());
        var first = await StartFirstAsync(engine);
        var waiting = engine.Engine.StartAsync(Command("s", "2"), default).AsTask();

        foreach (var run in engine.Live.InSession(Key("s")).Where(r => r != first)) run.Cancel();
        var cancelled = await (await waiting.WaitAsync(TimeSpan.FromSeconds(20))).Completion;

        Assert.Equal(RunStatus.Cancelled, cancelled.Status);
        _hanging.LetGo();
        await first.Completion;
    }

    [Fact]
    public async Task Sessions_do_not_wait_for_each_other()
    {
        await using var engine = Engine(new SessionsConfiguration());
        var first = await StartFirstAsync(engine);

        Assert.Equal(RunStatus.Completed, (await engine.RunAsync("other", "hi")).Status);
        Assert.False(first.Completion.IsCompleted);
        _hanging.LetGo();
        await first.Completion;
    }

    private async Task<RunHandle> StartFirstAsync(TestEngine engine)
    {
        var first = await engine.Engine.StartAsync(Command("s", "1"), default);
        await _hanging.Entered;
        return first;
    }

    private TestEngine Engine(SessionsConfiguration settings) =>
        new(new ScriptedModel(_ => WaitThenSay(), _ => ScriptedModel.Say("ok")), [], settings, _time);

    private async IAsyncEnumerable<ChatResponseUpdate> WaitThenSay()
    {
        await _hanging.ForeverAsync();
        yield return new(ChatRole.Assistant, "ok");
    }
}
