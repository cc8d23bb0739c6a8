using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Sessions.InMemory;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

public sealed class ShutdownTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly Hanging _hanging = new();

    [Fact]
    public async Task A_stop_refuses_new_runs_and_lets_running_ones_end()
    {
        await using var engine = new TestEngine(new ScriptedModel(call => SayThenWait(call.Cancellation)), [], time: _time);
        var running = await engine.Engine.StartAsync(Command("s", "hi"), default);
        await _hanging.Entered;

        var stopping = engine.Engine.StopAsync(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5));
        var refused = await Assert.ThrowsAsync<ProblemException>(() => engine.RunAsync("t", "hi"));
        Assert.False(stopping.IsCompleted);
        _hanging.LetGo();
        await stopping.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal((503, "shutting-down"), (refused.Status, refused.Type.Slug));
        Assert.Equal(RunStatus.Completed, running.Record.Status);
        Assert.Equal(["user: hi", "assistant: part"], await engine.StoredAsync("s"));
    }

    [Fact]
    public async Task Runs_that_do_not_end_by_the_deadline_are_cancelled_and_stored_and_those_that_wait_do_not_begin()
    {
        var model = new ScriptedModel(call => SayThenWait(call.Cancellation));
        await using var engine = new TestEngine(model, [], time: _time, store: new PlainStore(new InMemorySessions()));
        var running = await engine.Engine.StartAsync(Command("s", "hi"), default);
        await _hanging.Entered;
        var waiting = await engine.Engine.StartAsync(Command("s", "more") with { Background = true }, default);

        var stopping = engine.Engine.StopAsync(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(20));
        await stopping.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal((RunStatus.Cancelled, RunStatus.Cancelled), (running.Record.Status, waiting.Record.Status));
        Assert.Equal(["user: hi", "assistant: part", "user: more"], await engine.StoredAsync("s"));
        Assert.Single(model.Calls);
    }

    [Fact]
    public async Task A_run_that_never_ends_does_not_keep_the_host_from_stopping()
    {
        await using var engine = new TestEngine(
            ScriptedModel.Saying("ok"), [Plugin(new Hanging.Plugin(_hanging, "append"), "h", e => e with { Timeout = TimeSpan.FromHours(1) })], time: _time);
        await engine.Engine.StartAsync(Command("s", "hi"), default);
        await _hanging.Entered;

        var stopping = engine.Engine.StopAsync(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(5));
        while (!stopping.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(20));
            await Task.Yield();
        }

        await stopping;
    }

    private async IAsyncEnumerable<ChatResponseUpdate> SayThenWait(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return new(ChatRole.Assistant, "part");
        await _hanging.ForeverAsync().WaitAsync(cancellationToken);
    }
}
