using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Observation;

/// <summary>
/// Receives everything that the host does, and may make spans and metrics of it. The engine knows no other telemetry.
/// Thread-safe. Never throws.
/// </summary>
/// <remarks>
/// <see cref="Begin"/> may change the current ambient activity, so it has to be called directly in the asynchronous method that
/// awaits the operation: the change then ends with that method.
/// </remarks>
internal abstract class HostObserver
{
    /// <summary>An observer that ignores everything.</summary>
    public static HostObserver None { get; } = new NoObserver();

    /// <summary>Whether everything is observed now: each run, and what the host does outside runs.</summary>
    public abstract bool IsEnabled { get; }

    /// <summary>Whether a run that begins now is observed. Decided once for each run: the rest of one that is not pays nothing.</summary>
    public virtual bool ObservesNextRun => IsEnabled;

    /// <summary>Whether an operation is observed.</summary>
    /// <param name="run">The run it belongs to; null outside runs, and for a run that is not observed.</param>
    public bool Observes(ObservedRun? run) => run is not null || IsEnabled;

    /// <summary>An operation begins.</summary>
    /// <returns>What <see cref="End"/> needs; null for nothing.</returns>
    public abstract object? Begin(in ObservedOperation operation);

    /// <summary>The operation that gave <paramref name="state"/> has ended.</summary>
    public abstract void End(object? state, in ObservedOperation operation, in ObservedEnd end);

    /// <summary>
    /// The operation that gave <paramref name="state"/> continues in this flow. What an iterator makes current is lost whenever it
    /// hands out an item, so that it has to say this each time it is asked for the next.
    /// </summary>
    public abstract void Resume(object? state);

    /// <summary>The id of the trace that the current flow belongs to; null when it is not traced.</summary>
    public virtual string? TraceId => null;

    /// <summary>A run asks for its turn. Until it is accepted or ends, nothing is reported of it.</summary>
    public abstract object? BeginRun(ObservedRun run);

    /// <summary>The run may run: how long it waited, and its previous run, are known now.</summary>
    public abstract void AcceptRun(object? state, ObservedRun run);

    /// <summary>The run may not run: it never was one.</summary>
    public abstract void DropRun(object? state);

    /// <summary>A request for a run was refused.</summary>
    /// <param name="reason">The low-cardinality reason.</param>
    public abstract void RefuseRequest(string reason);

    /// <summary>A call that waited for an approval was decided.</summary>
    /// <param name="agent">The agent of its run.</param>
    /// <param name="decision">The low-cardinality decision.</param>
    public virtual void DecideApproval(string agent, string decision)
    {
    }

    /// <summary>The previous generation was restored.</summary>
    /// <param name="byErrors">Whether failed runs caused it, and not an admin.</param>
    public virtual void RollBack(bool byErrors)
    {
    }

    /// <summary>A run has ended, in whatever way.</summary>
    public abstract void EndRun(object? state, ObservedRun run, RunRecord record);

    /// <summary>A run has ended that has no chain to end with.</summary>
    public void ReportEnd(ObservedRun run, RunRecord record)
    {
        if (IsEnabled) EndRun(BeginRun(run), run, record);
    }

    /// <summary>A run that an earlier process left open was taken over.</summary>
    public virtual void RecoverRun(ObservedRun run, Recovery recovery)
    {
    }

    /// <summary>
    /// Gives what counts the runs that are parked. It is called from any thread, whenever metrics are collected. A later call replaces an
    /// earlier one.
    /// </summary>
    public virtual void ObserveParkedRuns(Func<int> count)
    {
    }

    /// <summary>A request is answered from a run that another one began.</summary>
    /// <param name="run">That run.</param>
    /// <param name="traceParent">The run's own traceparent; null when it is not known any more.</param>
    /// <param name="attachment">How the request came to it.</param>
    public abstract void RunAttached(ObservedRun run, string? traceParent, Attachment attachment);

    /// <summary>The W3C traceparent of the run that gave <paramref name="state"/>; null when it is not traced.</summary>
    public abstract string? GetTraceParent(object? state);

    /// <summary>
    /// Puts what observes model calls next to the model. Called once per client; disposing the result disposes
    /// <paramref name="client"/>.
    /// </summary>
    /// <param name="client">The model's client.</param>
    /// <param name="agent">The agent whose model it is.</param>
    /// <param name="plugin">The source id of the plugin that calls it; null for runs.</param>
    public abstract IChatClient Observe(IChatClient client, string agent, string? plugin = null);

    /// <summary>A call of a model begins that does not go through <see cref="Observe(IChatClient, string, string)"/>.</summary>
    /// <returns>What <see cref="EndModelCall"/> needs; null for nothing.</returns>
    public virtual object? BeginModelCall(in ObservedModelCall call) => null;

    /// <summary>The call that gave <paramref name="state"/> has ended.</summary>
    /// <param name="state">From <see cref="BeginModelCall"/>.</param>
    /// <param name="answer">What is known of the answer.</param>
    /// <param name="error">Why it failed; null when it did not.</param>
    /// <param name="isComplete">Whether the answer is complete; when it is not and there is no error, the caller left.</param>
    public virtual void EndModelCall(object? state, in ObservedModelAnswer answer, Exception? error, bool isComplete)
    {
    }

    /// <summary>
    /// Gives what counts the load contexts that are alive, by the folder of their plugin. It is called from any thread,
    /// whenever metrics are collected. A later call replaces an earlier one.
    /// </summary>
    public abstract void ObserveContexts(Func<IReadOnlyDictionary<string, LoadedContexts>> count);

    /// <summary>Observes a call from its beginning to its end. Without a listener it is only made.</summary>
    /// <param name="operation">What is done.</param>
    /// <param name="state">Passed to <paramref name="call"/>, so that it needs no closure.</param>
    /// <param name="call">The call.</param>
    /// <param name="describe">What the result tells an observer; null for nothing.</param>
    /// <param name="skips">Whether an error of the call is skipped by the caller.</param>
    public ValueTask<TResult> ObserveAsync<TState, TResult>(
        ObservedOperation operation,
        TState state,
        Func<TState, ValueTask<TResult>> call,
        Func<TState, TResult, ObservedEnd>? describe = null,
        bool skips = false) =>
        Observes(operation.Run) ? ObserveCallAsync(operation, state, call, describe, skips) : call(state);

    private async ValueTask<TResult> ObserveCallAsync<TState, TResult>(
        ObservedOperation operation, TState state, Func<TState, ValueTask<TResult>> call, Func<TState, TResult, ObservedEnd>? describe, bool skips)
    {
        var observed = Begin(operation);
        try
        {
            var result = await call(state);
            End(observed, operation, describe?.Invoke(state, result) ?? default);
            return result;
        }
        catch (Exception e)
        {
            End(observed, operation, ObservedEnd.From(operation, e, skips));
            throw;
        }
    }

    /// <summary>The same for a call without a result.</summary>
    public ValueTask ObserveAsync<TState>(ObservedOperation operation, TState state, Func<TState, ValueTask> call) =>
        Observes(operation.Run) ? ObserveCallAsync(operation, state, call) : call(state);

    private async ValueTask ObserveCallAsync<TState>(ObservedOperation operation, TState state, Func<TState, ValueTask> call) =>
        await ObserveCallAsync(
            operation,
            (state, call),
            static async s =>
            {
                await s.call(s.state);
                return true;
            },
            describe: null,
            skips: false);

    /// <summary>The same for a call that returns at once.</summary>
    public void Observe(ObservedOperation operation, Action call)
    {
        var isObserved = Observes(operation.Run);
        var observed = isObserved ? Begin(operation) : null;
        var end = default(ObservedEnd);
        try
        {
            call();
        }
        catch (Exception e)
        {
            end = ObservedEnd.From(operation, e);
            throw;
        }
        finally
        {
            if (isObserved) End(observed, operation, end);
        }
    }

    private sealed class NoObserver : HostObserver
    {
        public override bool IsEnabled => false;

        public override object? Begin(in ObservedOperation operation) => null;

        public override void End(object? state, in ObservedOperation operation, in ObservedEnd end)
        {
        }

        public override void Resume(object? state)
        {
        }

        public override object? BeginRun(ObservedRun run) => null;

        public override void AcceptRun(object? state, ObservedRun run)
        {
        }

        public override void DropRun(object? state)
        {
        }

        public override void RefuseRequest(string reason)
        {
        }

        public override void EndRun(object? state, ObservedRun run, RunRecord record)
        {
        }

        public override void RunAttached(ObservedRun run, string? traceParent, Attachment attachment)
        {
        }

        public override string? GetTraceParent(object? state) => null;

        public override IChatClient Observe(IChatClient client, string agent, string? plugin = null) => client;

        public override void ObserveContexts(Func<IReadOnlyDictionary<string, LoadedContexts>> count)
        {
        }
    }
}
