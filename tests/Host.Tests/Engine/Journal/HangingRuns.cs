using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.Journal.JournaledHost;

namespace PluginHost.Tests.Engine.Journal;

/// <summary>Runs whose model or tool hangs where a test loses their process.</summary>
public abstract class HangingRuns : IAsyncDisposable
{
    private protected readonly JournaledHost _host = new();
    private protected readonly TaskCompletionSource _never = new();
    private protected readonly TaskCompletionSource _reached = new();
    private protected readonly List<string> _keys = [];

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected static IAsyncEnumerable<ChatResponseUpdate> CallAct() => ScriptedModel.CallTools(("1", "act"));

    /// <summary>Runs a command up to where the model or the tool hangs.</summary>
    private protected async Task<RunRecord> LoseAsync(RunCommand command, IChatClient model, params IReadOnlyList<PluginInstance> plugins)
    {
        var engine = _host.Start(model, plugins);
        var handle = await engine.Engine.StartAsync(command, default);
        await _reached.Task.WaitAsync(Limit);
        _host.Process.Lose();
        return handle.Record;
    }

    private protected static async Task<RunRecord> RecoverAsync(TestEngine engine, RunRecord run)
    {
        await engine.Engine.RecoverAsync(default);
        return await EndAsync(engine, run);
    }

    private protected IAsyncEnumerable<ChatResponseUpdate> Hang() => HangAfter(_reached);

    private protected async IAsyncEnumerable<ChatResponseUpdate> HangAfter(TaskCompletionSource reached)
    {
        await Task.Yield();
        // What is written beside the model call comes before the loss.
        using var limit = new CancellationTokenSource(Limit);
        while (_host.Process.Writes.Count == 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
        reached.TrySetResult();
        await _never.Task;
        yield break;
    }

    private protected async IAsyncEnumerable<ChatResponseUpdate> HangUntil([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await _never.Task.WaitAsync(cancellationToken);
        yield break;
    }

    private protected PluginInstance Tool(string mark = "none", bool hangs = false)
    {
        var options = new AIFunctionFactoryOptions
        {
            Name = "act",
            AdditionalProperties = mark == "property" ? new Dictionary<string, object?> { [RepeatableToolAttribute.Property] = true } : null,
        };
        Func<AIFunctionArguments, Task<string>> act = ActAsync, repeat = RepeatAsync;
        var tool = AIFunctionFactory.Create(mark == "attribute" ? repeat : act, options);
        return TestEngine.Plugin(new Probe.Context(_ => new ContextContribution { Tools = [tool] }), "tools");

        [RepeatableTool]
        Task<string> RepeatAsync(AIFunctionArguments arguments) => ActAsync(arguments);

        async Task<string> ActAsync(AIFunctionArguments arguments)
        {
            lock (_keys) _keys.Add(arguments.GetIdempotencyKey());
            if (!hangs) return "acted";
            _reached.TrySetResult();
            await _never.Task;
            return "";
        }
    }
}
