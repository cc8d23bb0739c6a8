using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>What a middleware may get wrong, and what becomes of it.</summary>
public sealed class MiddlewareTests
{
    private readonly Hanging _hanging = new();

    [Fact]
    public async Task A_middleware_that_gives_up_waiting_for_next_ends_it_before_anything_else_happens()
    {
        var history = new Probe.History();
        await using var engine = new TestEngine(
            new ScriptedModel(call => Waiting(call.Cancellation)),
            [
                Plugin(new Probe.Middleware(async (r, next, ct) =>
                {
                    _ = next(r, ct).AsTask();
                    await _hanging.Entered;
                    throw new TimeoutException("gave up");
                }), "m", e => e with { OnError = OnError.Skip }),
                Plugin(history, "h"),
            ]);

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal((RunStatus.Failed, "plugin_error"), (run.Status, run.Error!.Type));
        Assert.Contains("System.TimeoutException", run.Error.Message, StringComparison.Ordinal);
        Assert.Single(Assert.Single(history.Appends).Messages);
    }

    [Fact]
    public async Task A_middleware_may_cancel_what_it_wraps_and_answer_in_its_place()
    {
        await using var engine = new TestEngine(
            new ScriptedModel(call => Waiting(call.Cancellation)),
            [
                Plugin(new Probe.Middleware(async (r, next, ct) =>
                {
                    using var own = CancellationTokenSource.CreateLinkedTokenSource(ct);
                    var rest = next(r, own.Token).AsTask();
                    await _hanging.Entered;
                    await own.CancelAsync();
                    await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rest);
                    return RunResponse.FromText("fallback");
                }), "m"),
            ]);

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal((RunStatus.Completed, "fallback"), (run.Status, run.Output.Single().Text));
    }

    [Fact]
    public async Task A_middleware_that_fails_after_cancelling_what_it_wraps_is_the_one_to_blame()
    {
        await using var engine = new TestEngine(
            new ScriptedModel(call => Waiting(call.Cancellation)),
            [
                Plugin(new Probe.Middleware(async (r, next, ct) =>
                {
                    using var own = CancellationTokenSource.CreateLinkedTokenSource(ct);
                    var rest = next(r, own.Token).AsTask();
                    await _hanging.Entered;
                    await own.CancelAsync();
                    return await rest;
                }), "m"),
            ]);

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal((RunStatus.Failed, "plugin_error"), (run.Status, run.Error!.Type));
        Assert.Contains("Plugin 'm'", run.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_times_out_by_itself_is_a_failing_model()
    {
        await using var engine = new TestEngine(
            new ScriptedModel(_ => throw new TaskCanceledException("The request timed out.")),
            [Plugin(new Probe.Middleware((r, next, ct) => next(r, ct)), "m"), Plugin(new Probe.Chat((inner, _) => new Passing(inner)), "c")]);

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal((RunStatus.Failed, "model_error"), (run.Status, run.Error!.Type));
    }

    private async IAsyncEnumerable<ChatResponseUpdate> Waiting(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _hanging.ForeverAsync().WaitAsync(cancellationToken);
        yield return new(ChatRole.Assistant, "never");
    }

    private sealed class Passing(IChatClient inner) : DelegatingChatClient(inner);
}
