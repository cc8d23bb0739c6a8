using Microsoft.Extensions.AI;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Sdk;

namespace PluginHost.Engine.Observation;

/// <summary>
/// Told of everything the host does; what it makes of that (spans, metrics) is its own affair. Business code knows no
/// telemetry beside this. Thread-safe. Never throws.
/// </summary>
/// <remarks>
/// <see cref="Begin"/> may change the current ambient activity, so it has to be called directly in the asynchronous method that
/// awaits the operation: the change then ends with that method.
/// </remarks>
internal abstract class HostObserver
{
    /// <summary>An observer that ignores everything.</summary>
    public static HostObserver None { get; } = new NoObserver();

    /// <summary>Whether anybody listens now. When not, the host calls nothing else and pays nothing.</summary>
    public abstract bool IsEnabled { get; }

    /// <summary>An operation begins.</summary>
    /// <returns>What <see cref="End"/> needs; null for nothing.</returns>
    public abstract object? Begin(in ObservedOperation operation);

    /// <summary>The operation that gave <paramref name="state"/> has ended.</summary>
    public abstract void End(object? state, in ObservedOperation operation, in ObservedEnd end);

    /// <summary>
    /// The operation that gave <paramref name="state"/> goes on in this flow. What an iterator makes current is lost whenever it
    /// hands out an item, so that it has to say this each time it is asked for the next.
    /// </summary>
    public abstract void Resume(object? state);

    /// <summary>A run begins.</summary>
    public abstract object? BeginRun(ObservedRun run);

    /// <summary>The session of a run has been loaded: how long it waited, and its previous run, are known now.</summary>
    public abstract void RunLoaded(object? state, ObservedRun run);

    /// <summary>A run has ended, in whatever way.</summary>
    public abstract void EndRun(object? state, ObservedRun run, RunRecord record);

    /// <summary>A request is answered from a run that another one began.</summary>
    /// <param name="run">That run.</param>
    /// <param name="traceParent">The run's own traceparent; null when it is not known any more.</param>
    /// <param name="replayed">Whether it was asked for again under its idempotency key, and not by its id.</param>
    public abstract void RunAttached(ObservedRun run, string? traceParent, bool replayed);

    /// <summary>The W3C traceparent of the run that gave <paramref name="state"/>; null when it is not traced.</summary>
    public abstract string? GetTraceParent(object? state);

    /// <summary>
    /// Puts what observes model calls next to the model. Called once per client; disposing the result disposes
    /// <paramref name="client"/>.
    /// </summary>
    public abstract IChatClient Observe(IChatClient client, ModelConfiguration model);

    /// <summary>
    /// Gives what counts the load contexts that are alive, by the name of their plugin. It is called from any thread,
    /// whenever metrics are collected. A later call replaces an earlier one.
    /// </summary>
    public abstract void ObserveContexts(Func<IReadOnlyDictionary<string, int>> count);

    /// <summary>Observes something that is done at once.</summary>
    public void Observe(in ObservedOperation operation, Action action)
    {
        var state = IsEnabled ? Begin(operation) : null;
        try
        {
            action();
            if (IsEnabled) End(state, operation, default);
        }
        catch (Exception e)
        {
            if (IsEnabled) End(state, operation, PluginCaller.Failure(e));
            throw;
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

        public override void RunLoaded(object? state, ObservedRun run)
        {
        }

        public override void EndRun(object? state, ObservedRun run, RunRecord record)
        {
        }

        public override void RunAttached(ObservedRun run, string? traceParent, bool replayed)
        {
        }

        public override string? GetTraceParent(object? state) => null;

        public override IChatClient Observe(IChatClient client, ModelConfiguration model) => client;

        public override void ObserveContexts(Func<IReadOnlyDictionary<string, int>> count)
        {
        }
    }
}
