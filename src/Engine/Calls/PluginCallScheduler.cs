using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;

namespace PluginHost.Engine.Calls;

/// <summary>
/// Decides on which thread a call of a plugin begins. A plugin that blocks the run's thread cannot be timed out, so the first
/// call of each operation begins on another thread. When that call returns or yields in time, later calls begin on the run's thread,
/// which saves a hop. Once an operation has blocked a thread, its calls begin on separate threads. Thread-safe.
/// </summary>
internal sealed class PluginCallScheduler : IDisposable
{
    /// <summary>A call that runs longer than this without yielding counts as blocking.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>How many threads one plugin may block before its calls are refused.</summary>
    private const int MostKept = 32;

    private readonly ThreadLocal<OnThread> _caller = new(static () => new OnThread(), trackAllValues: true);
    private readonly ILogger _logger;
    private readonly ITimer _watch;

    public PluginCallScheduler(ILogger logger)
    {
        _logger = logger;
        // Blocked threads are a matter of real time, whatever clock the runs go by.
        _watch = TimeProvider.System.CreateTimer(static state => ((PluginCallScheduler)state!).Look(), this, Patience, Patience);
    }

    /// <summary>Begins a call.</summary>
    /// <param name="plugin">Whose.</param>
    /// <param name="operation">What is called. Tools and what wraps them always begin on another thread: beside a model, that costs nothing.</param>
    /// <param name="state">Passed to <paramref name="call"/>.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">The call's token.</param>
    public ValueTask<TResult> Begin<TState, TResult>(
        PluginInstance plugin, HostOperation operation, TState state, Func<TState, CancellationToken, ValueTask<TResult>> call, CancellationToken cancellationToken)
    {
        return plugin.Threads.Has(operation.Index)
            ? Track(plugin, operation, state, call, cancellationToken)
            : new ValueTask<TResult>(BeginElsewhereAsync(plugin, operation, state, call, cancellationToken));
    }

    /// <summary>The host's or a model's code begins on this thread: it is not the plugin's fault when that takes long.</summary>
    /// <returns>What <see cref="Resume"/> needs.</returns>
    public Current Pause()
    {
        var here = _caller.Value!;
        var current = here.Call;
        here.Call = default;
        return current;
    }

    /// <summary>That code has given the thread back.</summary>
    public void Resume(Current current) => _caller.Value!.Call = current;

    public void Dispose() => _watch.Dispose();

    private Task<TResult> BeginElsewhereAsync<TState, TResult>(
        PluginInstance plugin, HostOperation operation, TState state, Func<TState, CancellationToken, ValueTask<TResult>> call, CancellationToken cancellationToken)
    {
        // A plugin that blocks must not use up the thread pool, and may block a limited number of threads.
        var isLost = plugin.Threads.IsLost(operation.Index);
        if (isLost && plugin.Threads.Elsewhere >= MostKept)
            throw new PluginContractException($"{MostKept} calls of it block their threads already.");
        return Task.Factory.StartNew(
            () =>
            {
                plugin.Threads.Enter();
                var began = Environment.TickCount64;
                try
                {
                    return Track(plugin, operation, state, call, cancellationToken).AsTask();
                }
                finally
                {
                    // One tool says nothing about the next, so tools gain no trust.
                    var isPrompt = Environment.TickCount64 - began < Patience.TotalMilliseconds;
                    if (isPrompt && operation != HostOperation.FunctionMiddleware && operation != HostOperation.ToolCall) plugin.Threads.Gain(operation.Index);
                    plugin.Threads.Exit();
                }
            },
            CancellationToken.None,
            isLost ? TaskCreationOptions.LongRunning : TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default).Unwrap();
    }

    /// <summary>Makes a call on this thread, where the watch sees it.</summary>
    private ValueTask<TResult> Track<TState, TResult>(
        PluginInstance plugin, HostOperation operation, TState state, Func<TState, CancellationToken, ValueTask<TResult>> call, CancellationToken cancellationToken)
    {
        var here = _caller.Value!;
        var outer = here.Call;
        here.Call = new Current(plugin, operation, Environment.TickCount64);
        try
        {
            return call(state, cancellationToken);
        }
        finally
        {
            here.Call = outer;
        }
    }

    private void Look()
    {
        foreach (var thread in _caller.Values)
        {
            // Read without a lock, so it may be half of one call and half of another; but not twice the same.
            var (call, seen) = (thread.Call, thread.Seen);
            thread.Seen = call;
            if (call is not { Plugin: { } plugin, Operation: { } operation } || call != seen) continue;
            var lasted = TimeSpan.FromMilliseconds(Environment.TickCount64 - call.Since);
            if (plugin.Threads.Lose(operation.Index)) Log.ThreadKept(_logger, plugin.SourceId, operation, lasted);
        }
    }

    /// <summary>The call that is on a thread.</summary>
    internal readonly record struct Current(PluginInstance? Plugin, HostOperation? Operation, long Since);

    private sealed class OnThread
    {
        public Current Call;

        /// <summary>What the watch saw last.</summary>
        public Current Seen;
    }
}
