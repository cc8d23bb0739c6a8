using Microsoft.Extensions.AI;
using PluginHost.Configuration;
using PluginHost.Plugins;
using PluginHost.Sdk;

namespace PluginHost.Pipeline;

/// <summary>What the host does, as an observer sees it.</summary>
public enum HostOperation
{
    /// <summary>The host starts: covers all plugin loads.</summary>
    Start,

    /// <summary>One plugin assembly is loaded.</summary>
    PluginLoad,

    /// <summary>A plugin instance's optional start.</summary>
    PluginStart,

    /// <summary>A plugin instance's optional stop.</summary>
    PluginStop,

    /// <summary>A session record is loaded at the start of a run, or found not to exist.</summary>
    SessionLoad,

    /// <summary>A session is created outside a run.</summary>
    SessionCreate,

    /// <summary>A session record is saved.</summary>
    SessionSave,

    /// <summary>A session is deleted.</summary>
    SessionDelete,

    /// <summary>A plugin deletes what it keeps of a session beside history and state.</summary>
    SessionDataDelete,

    /// <summary>The chain runs, from its first stage to the model.</summary>
    InvokeAgent,

    HistoryLoad,
    HistoryAppend,
    HistoryDelete,
    ContextProvide,
    ContextObserve,
    RunMiddleware,
    ChatMiddleware,
    FunctionMiddleware,
}

/// <summary>One operation to observe.</summary>
/// <param name="Kind">What is done.</param>
public readonly record struct ObservedOperation(HostOperation Kind)
{
    /// <summary>The run it belongs to; null outside runs.</summary>
    public ObservedRun? Run { get; init; }

    /// <summary>The plugin that is called; null when none is.</summary>
    public PluginInstance? Plugin { get; init; }

    /// <summary>The plugin's name when there is no instance yet (<see cref="HostOperation.PluginLoad"/>).</summary>
    public string? PluginName { get; init; }

    /// <summary>The session when there is no run.</summary>
    public SessionKey? Session { get; init; }
}

/// <summary>How an operation ended.</summary>
public readonly record struct ObservedEnd
{
    /// <summary>The low-cardinality type of the error; null when there was none.</summary>
    public string? ErrorType { get; init; }

    /// <summary>What was thrown, to be recorded once; null when there was no error.</summary>
    public Exception? Exception { get; init; }

    /// <summary>The plugin failed and the run goes on without it.</summary>
    public bool Skipped { get; init; }

    /// <summary>Messages loaded, stored or contributed; null when the operation has none.</summary>
    public int? Messages { get; init; }

    /// <summary>A middleware's own time, without what it wraps; null for other operations.</summary>
    public TimeSpan? OwnTime { get; init; }

    /// <summary>For <see cref="HostOperation.SessionLoad"/>: whether the session existed.</summary>
    public bool? Restored { get; init; }
}

/// <summary>The identity of a run, for an observer. Immutable.</summary>
/// <param name="Session">The session.</param>
/// <param name="RunId">The run.</param>
/// <param name="Agent">The agent.</param>
public sealed record ObservedRun(SessionKey Session, string RunId, string Agent)
{
    public int Attempt { get; init; } = 1;

    /// <summary>The traceparent of the session's previous run, to link to; null when there was none. Known after the session was loaded.</summary>
    public string? PreviousTraceParent { get; init; }

    public string? Provider { get; init; }

    public string? Model { get; init; }
}

/// <summary>
/// Told of everything the host does; what it makes of that (spans, metrics) is its own affair. Business code knows no
/// telemetry beside this. Thread-safe. Never throws.
/// </summary>
/// <remarks>
/// <see cref="Begin"/> may change the current ambient activity, so it has to be called directly in the asynchronous method that
/// awaits the operation: the change then ends with that method.
/// </remarks>
public abstract class HostObserver
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

    /// <summary>A run begins.</summary>
    public abstract object? BeginRun(ObservedRun run);

    /// <summary>The session of a run has been loaded: its previous run is known now.</summary>
    public abstract void RunLoaded(object? state, ObservedRun run);

    /// <summary>A run has ended, in whatever way.</summary>
    public abstract void EndRun(object? state, ObservedRun run, RunRecord record);

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
            if (IsEnabled) End(state, operation, PluginCalls.Failure(e));
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

        public override object? BeginRun(ObservedRun run) => null;

        public override void RunLoaded(object? state, ObservedRun run)
        {
        }

        public override void EndRun(object? state, ObservedRun run, RunRecord record)
        {
        }

        public override string? GetTraceParent(object? state) => null;

        public override IChatClient Observe(IChatClient client, ModelConfiguration model) => client;

        public override void ObserveContexts(Func<IReadOnlyDictionary<string, int>> count)
        {
        }
    }
}
