using Microsoft.Extensions.AI;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>What a change of the output holds back is let go, however the run ends.</summary>
public sealed class HeldBackTests
{
    private readonly TaskCompletionSource _said = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Held_back_text_is_let_go_at_the_end(bool twice)
    {
        var history = new Probe.History();
        await using var engine = new TestEngine(
            new ScriptedModel(_ => ScriptedModel.Say("a", "b", "c")), [Plugin(history, "h"), .. Holding(twice)]);

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal("abc", run.Output.Single().Text);
        Assert.Equal(["Input: hi", "Output: abc"], history.Stored);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Held_back_text_is_released_by_a_cancel(bool twice)
    {
        var history = new Probe.History();
        await using var engine = new TestEngine(
            new ScriptedModel(call => SayThenWait(call.Cancellation)), [Plugin(history, "h"), .. Holding(twice)]);

        var handle = await engine.Engine.StartAsync(Command("s", "hi"), default);
        await _said.Task;
        var run = await engine.Engine.CancelAsync(Key("s"), handle.Record.Id, default);

        Assert.Equal((RunStatus.Cancelled, "ab"), (run.Status, run.Output.Single().Text));
        Assert.Equal(["Input: hi", "Output: ab"], history.Stored);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Held_back_text_reaches_the_caller_and_observers_on_failure(bool twice)
    {
        RunResult? observed = null;
        await using var engine = new TestEngine(
            new ScriptedModel(_ => ScriptedModel.Break("a", "b")),
            [Plugin(new Probe.Context(_ => ContextContribution.Empty, r => observed = r), "c"), .. Holding(twice)]);

        var handle = await engine.Engine.StartAsync(Command("s", "hi"), default);
        var run = await handle.Completion;
        var streamed = new List<string>();
        await foreach (var e in handle.ReadEventsAsync(0, default))
        {
            if (e is RunEvent.Updated updated) streamed.Add(updated.Update.Text);
        }

        Assert.Equal("model_error", run.Error!.Type);
        Assert.Equal("ab", string.Concat(streamed));
        Assert.Equal("ab", observed!.Response.Text);
    }

    private static IEnumerable<PluginInstance> Holding(bool twice) =>
        new[] { "one", "two" }.Take(twice ? 2 : 1).Select(name => Plugin(Changing(HoldAsync), name));

    private static Probe.Middleware Changing(Func<IAsyncEnumerable<ChatResponseUpdate>, IAsyncEnumerable<ChatResponseUpdate>> change) =>
        new((request, next, ct) => next(request with { Output = request.Output.Through(change) }, ct));

    private static async IAsyncEnumerable<ChatResponseUpdate> HoldAsync(IAsyncEnumerable<ChatResponseUpdate> stream)
    {
        var held = new List<ChatResponseUpdate>();
        await foreach (var update in stream) held.Add(update);
        await Task.Yield();
        foreach (var update in held) yield return update;
    }

    private async IAsyncEnumerable<ChatResponseUpdate> SayThenWait(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var update in ScriptedModel.Say("a", "b")) yield return update;
        _said.SetResult();
        await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
    }
}
