using Microsoft.Extensions.AI;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Errors;
using PluginHost.Engine.Observation;
using PluginHost.Engine.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Engine.Calls;

/// <summary>
/// The one way in which the host calls a plugin: within its timeout, observed, and with every exception named after it.
/// Middleware, which wraps the rest of a run, goes through <see cref="MiddlewareCall{TRequest,TResult}"/> instead. Thread-safe.
/// </summary>
internal sealed class PluginCaller(HostObserver observer, TimeProvider time, PluginCallScheduler scheduler, PluginErrorLog? errors = null)
{
    public HostObserver Observer { get; } = observer;

    public TimeProvider Time { get; } = time;

    public PluginCallScheduler Scheduler { get; } = scheduler;

    /// <summary>Names a plugin in what it threw, and logs that unless it is a refusal, or an error of a start.</summary>
    public Exception Fail(PluginInstance plugin, HostOperation operation, Exception e, bool timedOut = false)
    {
        var error = CallError.From(plugin, operation, e, timedOut);
        if (error is PluginException && !operation.IsOfStart) LogFailure(plugin.Entry, operation.ToString(), e);
        return error;
    }

    /// <summary>Logs what a plugin threw.</summary>
    public void LogFailure(PluginEntry entry, string operation, Exception e) => errors?.Write(entry.Plugin, entry.SourceId, operation, e);

    /// <summary>Logs names in an entry's <c>Approve</c> that none of the plugin's tools has.</summary>
    public void LogUnknownApprovals(PluginEntry entry, IReadOnlyList<AIFunction> tools)
    {
        if (entry.Host.Approve.Count == 0) return;
        var names = tools.Select(t => t.Name).ToList();
        var unknown = entry.Host.Approve.Where(n => n != "*" && !names.Contains(n)).ToList();
        if (unknown.Count > 0) errors?.WriteUnknownApprovals(entry.Plugin, entry.SourceId, unknown, names);
    }

    /// <summary>Logs the tools that a run leaves out because others have their names.</summary>
    public void LogLeftOutTools(PluginEntry entry, IReadOnlyList<RunTool> tools) =>
        errors?.WriteLeftOutTools(entry.Plugin, entry.SourceId, tools.Select(t => $"'{t.Tool.Name}' of '{t.Source}'"));

    /// <summary>Calls a plugin.</summary>
    /// <param name="target">The plugin and the operation.</param>
    /// <param name="state">Passed to <paramref name="call"/>, so that it needs no closure.</param>
    /// <param name="call">The call.</param>
    /// <param name="count">How many messages the result holds, for the observer; null when it has none.</param>
    /// <param name="cancellationToken">The run's, or one of the call's own after the run.</param>
    /// <exception cref="PluginException">The plugin threw, returned null, or took longer than its timeout.</exception>
    /// <exception cref="PluginRefusalException">The plugin refused the run.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public ValueTask<TResult> CallAsync<TState, TResult>(
        PluginCall target,
        TState state,
        Func<TState, CancellationToken, ValueTask<TResult>> call,
        Func<TState, TResult, int?>? count,
        CancellationToken cancellationToken)
    {
        // Passing by the observer saves its closures.
        if (!Observer.Observes(target.Run)) return CallUnobservedAsync(target, state, call, cancellationToken);
        return Observer.ObserveAsync(
            target.Observed,
            (Caller: this, target, state, call, count, cancellationToken),
            static s => s.Caller.CallUnobservedAsync(s.target, s.state, s.call, s.cancellationToken),
            static (s, result) => new ObservedEnd { Messages = s.count?.Invoke(s.state, result) },
            target.Skips);
    }

    /// <summary>The same, for a result that tells an observer more than a number.</summary>
    /// <inheritdoc cref="CallAsync{TState,TResult}(PluginCall,TState,Func{TState,CancellationToken,ValueTask{TResult}},Func{TState,TResult,Nullable{int}},CancellationToken)"/>
    public ValueTask<TResult> CallAsync<TState, TResult>(
        PluginCall target,
        TState state,
        Func<TState, CancellationToken, ValueTask<TResult>> call,
        Func<TResult, ObservedEnd> describe,
        CancellationToken cancellationToken)
    {
        if (!Observer.Observes(target.Run)) return CallUnobservedAsync(target, state, call, cancellationToken);
        return Observer.ObserveAsync(
            target.Observed,
            (Caller: this, target, state, call, describe, cancellationToken),
            static s => s.Caller.CallUnobservedAsync(s.target, s.state, s.call, s.cancellationToken),
            static (s, result) => s.describe(result),
            target.Skips);
    }

    /// <summary>The same for a call without a result.</summary>
    public async ValueTask CallAsync<TState>(
        PluginCall target, TState state, Func<TState, CancellationToken, ValueTask> call, CancellationToken cancellationToken) =>
        await CallAsync(target, (state, call), WithoutResultAsync, count: null, cancellationToken);

    /// <summary>Appends to a history.</summary>
    public async ValueTask AppendAsync(PluginCall target, HistoryAppend append, CancellationToken cancellationToken) => await CallAsync(
        target,
        (target.Plugin.History, append),
        static async (s, ct) =>
        {
            await s.History!.AppendAsync(s.append, ct);
            return true;
        },
        static (s, _) => s.append.Messages.Count,
        cancellationToken);

    /// <summary>Removes messages of a session from a history.</summary>
    /// <returns>How many messages were removed.</returns>
    public ValueTask<int> DeleteAsync(PluginCall target, HistoryDeletion deletion) => CallAsync(
        target,
        (target.Plugin.History, deletion),
        static (s, ct) => s.History!.DeleteAsync(s.deletion, ct),
        static (_, removed) => removed,
        CancellationToken.None);

    /// <summary>Calls a plugin without an observer: the span of a tool is the tool loop's, and that of a store's call its caller's.</summary>
    public ValueTask<TResult> CallUnobservedAsync<TState, TResult>(
        PluginCall target, TState state, Func<TState, CancellationToken, ValueTask<TResult>> call, CancellationToken cancellationToken) =>
        target.Plugin.IsOfHost ? CallHostAsync(target, state, call, cancellationToken) : CallWithinTimeAsync(target, state, call, cancellationToken);

    /// <summary>What is the host's own returns at once, from memory: there is nothing to cancel or to wait for.</summary>
    private ValueTask<TResult> CallHostAsync<TState, TResult>(
        PluginCall target, TState state, Func<TState, CancellationToken, ValueTask<TResult>> call, CancellationToken cancellationToken)
    {
        var (plugin, kind) = (target.Plugin, target.Kind);
        var started = kind.IsCounted ? Time.GetTimestamp() : 0;
        ValueTask<TResult> pending;
        try
        {
            pending = Scheduler.Begin(plugin, kind, state, call, cancellationToken);
        }
        catch (Exception e)
        {
            pending = ValueTask.FromException<TResult>(e);
        }

        if (!pending.IsCompletedSuccessfully) return CallWithinTimeAsync(target, pending, static (p, _) => p, cancellationToken);
        if (kind.IsCounted) plugin.Calls.Add(kind, Time.GetElapsedTime(started), isFailure: false);
        return pending;
    }

    private async ValueTask<TResult> CallWithinTimeAsync<TState, TResult>(
        PluginCall target, TState state, Func<TState, CancellationToken, ValueTask<TResult>> call, CancellationToken cancellationToken)
    {
        var (plugin, kind) = (target.Plugin, target.Kind);
        var (started, isFailure) = (kind.IsCounted ? Time.GetTimestamp() : 0, false);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var pending = Scheduler.Begin(plugin, kind, state, call, cancellation.Token);
            return pending.IsCompletedSuccessfully
                ? pending.Result
                : await BoundedWait.WaitAsync(pending.AsTask(), target.Timeout ?? plugin.Entry.Host.Timeout, Time, cancellation, cancellationToken);
        }
        catch (Exception e) when (cancellationToken.IsCancellationRequested)
        {
            // What a plugin throws when it is cancelled is no failure of it.
            if (e is OperationCanceledException) throw;
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
        catch (TimeoutException e) when (cancellation.IsCancellationRequested)
        {
            isFailure = true;
            throw Fail(plugin, kind, e, timedOut: true);
        }
        catch (Exception e)
        {
            var error = Fail(plugin, kind, e);
            isFailure = error is PluginException;
            throw error;
        }
        finally
        {
            if (kind.IsCounted) plugin.Calls.Add(kind, Time.GetElapsedTime(started), isFailure);
        }
    }

    /// <summary>The same for a call without a result.</summary>
    public async ValueTask CallUnobservedAsync<TState>(
        PluginCall target, TState state, Func<TState, CancellationToken, ValueTask> call, CancellationToken cancellationToken) =>
        await CallUnobservedAsync(target, (state, call), WithoutResultAsync, cancellationToken);

    private static async ValueTask<bool> WithoutResultAsync<TState>(
        (TState State, Func<TState, CancellationToken, ValueTask> Call) target, CancellationToken cancellationToken)
    {
        await target.Call(target.State, cancellationToken);
        return true;
    }
}
