using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>A plugin or model that gives null where something is needed.</summary>
public sealed class NullTests
{
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
        { "history-items", new NullHistory(new() { Items = null!, HasMore = false }) },
        { "history-item", new NullHistory(new() { Items = [null!], HasMore = false }) },
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

        public ValueTask<int> DeleteAsync(HistoryDeletion deletion, CancellationToken cancellationToken) => new(0);
    }
}
