using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins;
using PluginHost.Engine.Runs.Live;
using PluginHost.Sdk;
using static PluginHost.Tests.Engine.TestEngine;

namespace PluginHost.Tests.Engine.Property;

/// <summary>A generated chain on the real engine, with everything that happens noted.</summary>
internal sealed class ChainRig : IAsyncDisposable
{
    private readonly TestEngine _engine;
    private readonly IReadOnlyList<Entry> _chain;
    private TaskCompletionSource<RunHandle> _handle = new();
    private Turn _turn = null!;
    private int _call;

    public ChainRig(IReadOnlyList<Entry> chain)
    {
        _chain = chain;
        var tool = AIFunctionFactory.Create(UseToolAsync, "work");
        var tools = Plugin(new Probe.Context(_ => new() { Tools = [tool] }), "tools");
        Model = new ScriptedModel(call => Speak(call.Cancellation));
        _engine = new TestEngine(Model, [tools, .. chain.Index().Select(e => Make(e.Item, e.Index))]);
    }

    public ScriptedModel Model { get; }

    public List<string> Trace { get; } = [];

    public Dictionary<int, Probe.History> Histories { get; } = [];

    public async Task<RunRecord> RunAsync(Turn turn, string input)
    {
        (_turn, _call, _handle) = (turn, 0, new());
        Trace.Clear();
        Model.Calls.Clear();
        var handle = await _engine.Engine.StartAsync(Command("s", input), default);
        _handle.SetResult(handle);
        return await handle.Completion.WaitAsync(TimeSpan.FromSeconds(20));
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private PluginInstance Make(Entry entry, int index)
    {
        var loads = entry.Kind == Kind.History && Histories.Count == 0;
        return Plugin(Plug(entry, index), $"p{index}", e => e with
        {
            Load = loads,
            StoreInput = entry.Stores.HasFlag(Stores.Input),
            StoreOutput = entry.Stores.HasFlag(Stores.Output),
            StoreContext = entry.Stores.HasFlag(Stores.Context),
            StoreInputAs = entry.Stores.HasFlag(Stores.AsReceived) ? StoreInputAs.Received : StoreInputAs.Sent,
            OnError = entry.Kind == Kind.Context || entry.Skip ? OnError.Skip : OnError.Fail,
        });
    }

    private object Plug(Entry entry, int index) => entry.Kind switch
    {
        Kind.History => Histories[index] = new Probe.History(appended: a => Trace.Add($"append {index} {ToEnds(a.Outcome)}")),
        Kind.Context => new Probe.Context(_ => Provide(entry.Does, index), result => Trace.Add($"observe {index} {ToEnds(result.Outcome)}")),
        Kind.Middleware => new Probe.Middleware((request, next, ct) => WrapAsync(entry.Does, index, request, next, ct)),
        _ => new Probe.Function((call, next, ct) => WrapAsync(entry.Does, index, call, next, ct)),
    };

    private ContextContribution Provide(Does does, int index)
    {
        Trace.Add($"{index}>");
        if (does == Does.ThrowBefore) throw new InvalidOperationException("no context");
        return new() { Messages = [new ChatMessage(ChatRole.System, $"context {index}")] };
    }

    private async ValueTask<RunResponse> WrapAsync(Does does, int index, RunRequest request, RunDelegate next, CancellationToken ct)
    {
        Trace.Add($"{index}>");
        await Task.Yield();
        if (does == Does.ThrowBefore) throw new InvalidOperationException("before");
        if (does == Does.Answer) return RunResponse.FromText($"answer {index}");
        if (does == Does.Change)
        {
            request = request with
            {
                Input = [.. request.Input.Select(m => new ChatMessage(m.Role, $"{m.Text}+{index}"))],
                Output = request.Output.Through(stream => Mark(stream, index)),
            };
        }

        var response = await next(request, ct);
        if (does == Does.ThrowAfter) throw new InvalidOperationException("after");
        Trace.Add($"<{index}");
        return response;
    }

    private async ValueTask<object?> WrapAsync(Does does, int index, FunctionInvocation call, FunctionDelegate next, CancellationToken ct)
    {
        Trace.Add($"{index}>");
        await Task.Yield();
        if (does == Does.ThrowBefore) throw new InvalidOperationException("before");
        if (does == Does.Answer) return $"answer {index}";
        var result = await next(call, ct);
        if (does == Does.ThrowAfter) throw new InvalidOperationException("after");
        Trace.Add($"<{index}");
        return does == Does.Change ? $"{result}~{index}" : result;
    }

    private static async IAsyncEnumerable<ChatResponseUpdate> Mark(IAsyncEnumerable<ChatResponseUpdate> stream, int index)
    {
        await foreach (var update in stream)
        {
            yield return update.Text.Length == 0 ? update : new(update.Role, $"{update.Text}~{index}") { MessageId = update.MessageId };
        }
    }

    private async IAsyncEnumerable<ChatResponseUpdate> Speak([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var call = _call++;
        Trace.Add($"model {call}");
        var breaks = _turn.BreaksIn(call);
        var items = Enumerable.Range(0, _turn.Chunks).Select(AIContent (k) => new TextContent($"said {call}.{k} ")).ToList();
        if (call < _turn.ToolCalls) items.Add(new FunctionCallContent($"{call}", "work"));
        foreach (var item in breaks ? items.Take(_turn.AfterItems) : items)
        {
            yield return new(ChatRole.Assistant, [item]) { MessageId = $"m{call}" };
            await Task.Yield();
        }

        if (!breaks) yield break;
        if (_turn.Ends == Ends.Broken) throw new HttpRequestException("the model broke off");
        await CancelAsync(cancellationToken);
    }

    private async Task CancelAsync(CancellationToken cancellationToken)
    {
        (await _handle.Task).Cancel();
        await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
    }

    private async Task<string> UseToolAsync(CancellationToken cancellationToken)
    {
        Trace.Add("tool");
        if (_turn.IsCancelledInTool(_call - 1)) await CancelAsync(cancellationToken);
        return _turn.ToolThrows ? throw new InvalidOperationException("the tool broke") : "done";
    }

    private static Ends ToEnds(RunOutcome outcome) => outcome switch
    {
        RunOutcome.Failed => Ends.Broken,
        RunOutcome.Cancelled => Ends.Cancelled,
        _ => Ends.Well,
    };
}
