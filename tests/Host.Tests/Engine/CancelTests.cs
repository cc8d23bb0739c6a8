using Microsoft.Extensions.AI;
using Microsoft.Extensions.Time.Testing;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>A cancel ends a run, whichever part ignores it.</summary>
public sealed class CancelTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(50));
    private readonly Hanging _hanging = new();

    [Theory]
    [InlineData("load")]
    [InlineData("provide")]
    [InlineData("before")]
    [InlineData("chat")]
    [InlineData("tool")]
    [InlineData("function")]
    [InlineData("change")]
    [InlineData("after")]
    public async Task A_plugin_that_ignores_cancellation_does_not_hang_a_cancel(string where)
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "work")), _ => ScriptedModel.Say("done"));
        await using var engine = new TestEngine(model, [Plugin(new Hanging.Plugin(_hanging, where), "p")], time: _time);

        var run = await CancelAsync(engine);

        Assert.Equal(RunStatus.Cancelled, run.Status);
    }

    [Fact]
    public async Task A_model_that_ignores_cancellation_does_not_hang_a_cancel_and_what_it_says_later_is_dropped()
    {
        var history = new Probe.History();
        await using var engine = new TestEngine(
            new ScriptedModel(_ => TimeoutTests.HangingModel(_hanging)), [Plugin(history, "h")], time: _time);

        var run = await CancelAsync(engine);
        _hanging.LetGo();

        Assert.Equal(RunStatus.Cancelled, run.Status);
        Assert.Equal(["Input: hi"], history.Stored);
    }

    [Fact]
    public async Task A_middleware_that_passes_on_no_token_does_not_keep_a_cancel_from_the_model()
    {
        await using var engine = new TestEngine(
            new ScriptedModel(call => Waiting(call.Cancellation)),
            [
                Plugin(new Probe.Middleware((r, next, _) => next(r, CancellationToken.None)), "run"),
                Plugin(new Probe.Chat((inner, _) => new Deaf(inner)), "chat"),
            ]);

        var handle = await engine.Engine.StartAsync(Command("s", "hi"), default);
        await _hanging.Entered;
        var run = await engine.Engine.CancelAsync(Key("s"), handle.Record.Id, default).AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(RunStatus.Cancelled, run.Status);
    }

    [Fact]
    public async Task A_plugin_whose_cancellation_callback_throws_or_blocks_harms_no_other_run()
    {
        await using var engine = new TestEngine(
            new ScriptedModel(call => Waiting(call.Cancellation)),
            [
                Plugin(new Probe.Middleware(async (r, next, ct) =>
                {
                    await using var throwing = ct.Register(() => throw new InvalidOperationException("callback"));
                    return await next(r, ct);
                }), "m"),
            ]);

        var handle = await engine.Engine.StartAsync(Command("s", "hi"), default);
        await _hanging.Entered;
        var run = await engine.Engine.CancelAsync(Key("s"), handle.Record.Id, default).AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(RunStatus.Cancelled, run.Status);
    }

    [Fact]
    public async Task No_further_plugin_is_entered_after_a_cancel()
    {
        var entered = false;
        await using var engine = new TestEngine(
            ScriptedModel.Saying("ok"),
            [
                Plugin(new Hanging.Plugin(_hanging, "provide"), "p"),
                Plugin(new Probe.Context(_ =>
                {
                    entered = true;
                    return ContextContribution.Empty;
                }, _ => entered = true), "later"),
            ],
            time: _time);

        var handle = await engine.Engine.StartAsync(Command("s", "hi"), default);
        await _hanging.Entered;
        handle.Cancel();
        _hanging.LetGo();
        var run = await handle.Completion.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(RunStatus.Cancelled, run.Status);
        Assert.False(entered);
    }

    [Fact]
    public async Task A_queued_run_can_be_cancelled_before_its_turn()
    {
        var model = new ScriptedModel(_ => TimeoutTests.HangingModel(_hanging));
        await using var engine = new TestEngine(model, [], time: _time);

        await engine.Engine.StartAsync(Command("s", "first"), default);
        var queued = await engine.Engine.StartAsync(Command("s", "second") with { Background = true }, default);
        var run = await engine.Engine.CancelAsync(Key("s"), queued.Record.Id, default);

        Assert.Equal(RunStatus.Cancelled, run.Status);
        Assert.Single(model.Calls);
    }

    private async Task<RunRecord> CancelAsync(TestEngine engine)
    {
        var handle = await engine.Engine.StartAsync(Command("s", "hi"), default);
        await _hanging.Entered.WaitAsync(TimeSpan.FromSeconds(20));
        handle.Cancel();
        while (!handle.Completion.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(handle.Completion, Task.Run(() => Thread.Yield()));
        }

        return await handle.Completion;
    }

    private async IAsyncEnumerable<ChatResponseUpdate> Waiting(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _hanging.ForeverAsync().WaitAsync(cancellationToken);
        yield return new(ChatRole.Assistant, "never");
    }

    private sealed class Deaf(IChatClient inner) : DelegatingChatClient(inner)
    {
        public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            base.GetStreamingResponseAsync(messages, options, CancellationToken.None);
    }
}
