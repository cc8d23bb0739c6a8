using Microsoft.Extensions.AI;
using PluginHost.Configuration;
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
        Assert.Contains("gave up", run.Error.Message, StringComparison.Ordinal);
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

    [Theory]
    [MemberData(nameof(NullGivers))]
    public async Task A_plugin_that_returns_null_is_named(string name, object plugin)
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [Plugin(plugin, name, e => e with { OnError = OnError.Fail })]);

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal((RunStatus.Failed, "plugin_error"), (run.Status, run.Error!.Type));
        Assert.Contains($"Plugin '{name}'", run.Error.Message, StringComparison.Ordinal);
        Assert.Contains("null", run.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(NullGivers))]
    public async Task A_plugin_that_returns_null_is_skipped_where_the_entry_says_so(string name, object plugin)
    {
        if (name == "next") return;
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [Plugin(plugin, name, e => e with { OnError = OnError.Skip })]);

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal((RunStatus.Completed, "ok"), (run.Status, run.Output.Single().Text));
        Assert.Equal([name], run.Skipped);
    }

    public static TheoryData<string, object> NullGivers => new()
    {
        { "run", new Probe.Middleware((_, _, _) => new((RunResponse)null!)) },
        { "next", new Probe.Middleware((r, next, ct) => next(r with { Input = null! }, ct)) },
        { "chat", new Probe.Chat((_, _) => null!) },
        { "chat-updates", new Probe.Chat((inner, _) => new NullUpdates(inner)) },
        { "context", new Probe.Context(_ => null!) },
        { "context-message", new Probe.Context(_ => new() { Messages = [null!] }) },
        { "context-tools", new Probe.Context(_ => new() { Tools = null! }) },
        { "history", new NullHistory(null!) },
        { "history-items", new NullHistory(new(null!, false)) },
        { "history-item", new NullHistory(new([null!], false)) },
    };

    [Fact]
    public async Task A_null_result_of_a_function_middleware_is_a_result()
    {
        var model = new ScriptedModel(_ => ScriptedModel.CallTools(("1", "work")), _ => ScriptedModel.Say("done"));
        await using var engine = new TestEngine(
            model,
            [
                Plugin(new Probe.Function((_, _, _) => new((object?)null)), "f"),
                Plugin(new Probe.Context(_ => new() { Tools = [AIFunctionFactory.Create(() => 1, "work")] }), "c"),
            ]);

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal((RunStatus.Completed, "done"), (run.Status, run.Output[^1].Text));
    }

    [Fact]
    public async Task A_model_whose_client_gives_null_is_the_one_to_blame()
    {
        await using var engine = new TestEngine(new ScriptedModel(_ => new ChatResponseUpdate[] { null! }.ToAsyncEnumerable()), []);

        var run = await engine.RunAsync("s", "hi");

        Assert.Equal((RunStatus.Failed, "model_error"), (run.Status, run.Error!.Type));
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

    private sealed class NullUpdates(IChatClient inner) : DelegatingChatClient(inner)
    {
        public override IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
            IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
            new ChatResponseUpdate[] { null! }.ToAsyncEnumerable();
    }

    private sealed class NullHistory(Page<HistoryMessage> page) : IHistoryProvider
    {
        public ValueTask<Page<HistoryMessage>> LoadAsync(HistoryQuery query, CancellationToken cancellationToken) => new(page);

        public ValueTask AppendAsync(HistoryAppend append, CancellationToken cancellationToken) => default;

        public ValueTask<int> DeleteAsync(SessionKey session, IReadOnlyList<string>? messageIds, CancellationToken cancellationToken) => new(0);
    }
}
