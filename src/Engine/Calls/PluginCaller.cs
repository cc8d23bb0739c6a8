using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;

namespace PluginHost.Engine.Calls;

/// <summary>
/// The one way in which the host calls a plugin: with its timeout, observed, and with everything that it throws named after it.
/// Middleware, which wraps the rest of a run, goes through <see cref="MiddlewareCall{TRequest,TResult}"/> instead. Thread-safe.
/// </summary>
internal sealed class PluginCaller(HostObserver observer, TimeProvider time, PluginCallScheduler threads)
{
    public HostObserver Observer { get; } = observer;

    public TimeProvider Time { get; } = time;

    public PluginCallScheduler Threads { get; } = threads;

    /// <summary>Calls a plugin.</summary>
    /// <param name="operation">What is called, for the observer; it names the plugin.</param>
    /// <param name="state">Passed to <paramref name="call"/>, so that it needs no closure.</param>
    /// <param name="call">The call.</param>
    /// <param name="count">How many messages the result holds, for the observer; null when it has none.</param>
    /// <param name="cancellationToken">The run's, or one of the call's own after the run.</param>
    /// <exception cref="PluginException">The plugin threw, returned null, or took longer than its timeout.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async ValueTask<TResult> CallAsync<TState, TResult>(
        ObservedOperation operation,
        TState state,
        Func<TState, CancellationToken, ValueTask<TResult>> call,
        Func<TState, TResult, int?>? count,
        CancellationToken cancellationToken)
    {
        if (!Observer.IsEnabled) return await GuardAsync(operation, state, call, cancellationToken);

        var token = Observer.Begin(operation);
        try
        {
            var result = await GuardAsync(operation, state, call, cancellationToken);
            Observer.End(token, operation, new ObservedEnd { Messages = count?.Invoke(state, result) });
            return result;
        }
        catch (Exception e)
        {
            Observer.End(token, operation, Failure(e, operation.Plugin!.Entry.Skips(operation.Kind)));
            throw;
        }
    }

    /// <summary>Calls a plugin, timed out and named like any call, where nobody observes it: the span of a tool is the tool loop's own.</summary>
    public ValueTask<TResult> CallUnobservedAsync<TState, TResult>(
        PluginInstance plugin,
        HostOperation kind,
        TState state,
        Func<TState, CancellationToken, ValueTask<TResult>> call,
        CancellationToken cancellationToken) =>
        GuardAsync(new ObservedOperation(kind) { Plugin = plugin }, state, call, cancellationToken);

    /// <summary>What an observer is told of an exception.</summary>
    public static ObservedEnd Failure(Exception e, bool skipped = false) => e switch
    {
        PluginException { TimedOut: true } => new() { ErrorType = ErrorTypes.PluginTimeout, Exception = e, Skipped = skipped },
        PluginException { InnerException: { } inner } => new() { ErrorType = inner.GetType().FullName, Exception = inner, Skipped = skipped },
        SessionStoreException { InnerException: { } inner } => new() { ErrorType = inner.GetType().FullName, Exception = inner, Skipped = skipped },
        OperationCanceledException => new() { ErrorType = ErrorTypes.Cancelled },
        _ => new() { ErrorType = e.GetType().FullName, Exception = e, Skipped = skipped },
    };

    private async ValueTask<TResult> GuardAsync<TState, TResult>(
        ObservedOperation operation,
        TState state,
        Func<TState, CancellationToken, ValueTask<TResult>> call,
        CancellationToken cancellationToken)
    {
        var plugin = operation.Plugin!;
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var pending = Threads.Begin(plugin, operation.Kind, state, call, cancellation.Token);
            return pending.IsCompletedSuccessfully
                ? pending.Result
                : await BoundedWait.WaitAsync(pending.AsTask(), plugin.Entry.Timeout, Time, cancellation, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (TimeoutException e) when (cancellation.IsCancellationRequested)
        {
            throw new PluginException(plugin.SourceId, operation.Kind.ToString(), e, timedOut: true);
        }
        catch (Exception e)
        {
            throw new PluginException(plugin.SourceId, operation.Kind.ToString(), e);
        }
    }
}
