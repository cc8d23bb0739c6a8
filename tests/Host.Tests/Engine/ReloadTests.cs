using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine;

/// <summary>A new configuration comes into use whole, and the old one goes when its last run has ended.</summary>
public sealed class ReloadTests
{
    private readonly Hanging _hanging = new();
    private readonly List<string> _gone = [];

    [Fact]
    public async Task A_run_in_progress_ends_on_the_old_chain_and_new_runs_use_the_new()
    {
        await using var engine = new TestEngine(new ScriptedModel(_ => WaitThenSay("old")), [Living("one"), Living("two")]);
        var running = await engine.Engine.StartAsync(Command("s", "first"), default);
        await _hanging.Entered;

        var retiring = engine.Chains.SwapAsync(engine.Build(ScriptedModel.Saying("new"), [Living("three")]), TimeSpan.FromMinutes(1));
        var meanwhile = await engine.RunAsync("other", "second");
        Assert.Empty(_gone);
        _hanging.LetGo();
        var first = await running.Completion;
        await retiring.WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(("old", "new"), (first.Output.Single().Text, meanwhile.Output.Single().Text));
        Assert.Equal(["stop two", "stop one", "dispose two", "dispose one"], _gone);
        Assert.Equal("new", (await engine.RunAsync("s", "third")).Output.Single().Text);
        Assert.Equal(6, (await engine.StoredAsync("s")).Count + (await engine.StoredAsync("other")).Count);
    }

    [Fact]
    public async Task An_old_chain_that_does_not_drain_by_the_deadline_goes_all_the_same_and_once()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using var engine = new TestEngine(new ScriptedModel(_ => WaitThenSay("old")), [Living("one")], time: time);
        var running = await engine.Engine.StartAsync(Command("s", "first"), default);
        await _hanging.Entered;

        var retiring = engine.Chains.SwapAsync(engine.Build(ScriptedModel.Saying("new"), []), TimeSpan.FromMinutes(1));
        time.Advance(TimeSpan.FromMinutes(1));
        await retiring.WaitAsync(TimeSpan.FromSeconds(20));
        _hanging.LetGo();
        await running.Completion;

        Assert.Equal(["stop one", "dispose one"], _gone);
    }

    [Fact]
    public async Task Plugins_are_stopped_even_when_no_time_is_left()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [Living("one"), Living("two")]);

        await engine.Chains.StopAsync(new Deadline(TimeProvider.System, TimeSpan.Zero)).WaitAsync(TimeSpan.FromSeconds(20));

        Assert.Equal(["stop two", "stop one", "dispose two", "dispose one"], _gone);
    }

    [Fact]
    public async Task No_run_is_lost_or_runs_on_a_disposed_plugin_while_chains_are_swapped()
    {
        await using var engine = new TestEngine(ScriptedModel.Saying("ok"), [Plugin(new Guarded(), "g")]);
        var swaps = new List<Task>();
        var runs = Enumerable.Range(0, 200).Select(i => Task.Run(() => engine.RunAsync($"s{i % 10}", $"message {i}"))).ToList();

        for (var i = 0; i < 20; i++)
        {
            swaps.Add(engine.Chains.SwapAsync(engine.Build(ScriptedModel.Saying("ok"), [Plugin(new Guarded(), "g")]), TimeSpan.FromMinutes(1)));
            await Task.Yield();
        }

        Assert.All(await Task.WhenAll(runs), r => Assert.Equal(RunStatus.Completed, r.Status));
        await Task.WhenAll(swaps).WaitAsync(TimeSpan.FromSeconds(20));
    }

    private PluginInstance Living(string name) => Plugin(new Lifecycle(name, _gone), name);

    private async IAsyncEnumerable<ChatResponseUpdate> WaitThenSay(string text)
    {
        await _hanging.ForeverAsync();
        yield return new(ChatRole.Assistant, text);
    }

    private sealed class Lifecycle(string name, List<string> gone) : IContextProvider, IPluginLifecycle, IAsyncDisposable
    {
        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) => new(ContextContribution.Empty);

        public ValueTask StartAsync(CancellationToken cancellationToken) => default;

        public ValueTask StopAsync(CancellationToken cancellationToken)
        {
            gone.Add($"stop {name}");
            return default;
        }

        public ValueTask DisposeAsync()
        {
            gone.Add($"dispose {name}");
            return default;
        }
    }

    private sealed class Guarded : IRunMiddleware, IDisposable
    {
        private bool _disposed;

        public async ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken)
        {
            var response = await next(request, cancellationToken);
            await Task.Yield();
            ObjectDisposedException.ThrowIf(_disposed, this);
            return response;
        }

        public void Dispose() => _disposed = true;
    }
}
