using System.Collections.Concurrent;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Live;

/// <summary>
/// Which sessions have a run that waits for approvals: what keeps other runs off them. The store has everything else of such a run. Thread-safe.
/// </summary>
internal sealed class ParkedRuns
{
    private readonly ConcurrentDictionary<SessionKey, ParkedRun> _runs = new();

    // Those who wait continue on the thread that removes the run, so that they take their places in order and before anything else.
    private readonly ConcurrentDictionary<SessionKey, TaskCompletionSource> _gone = new();
    private volatile bool _isComplete = true;

    /// <summary>Called when a run is parked whose calls are refused at a time.</summary>
    public Action<SessionKey, ParkedRun>? Expires { get; set; }

    /// <summary>Whether the runs of earlier processes are known. Until then the store has to be asked.</summary>
    public bool IsComplete
    {
        get => _isComplete;
        set => _isComplete = value;
    }

    public int Count => _runs.Count;

    /// <summary>How many of them are a tenant's; all when it is null.</summary>
    public int CountOf(string? tenant) => tenant is null ? Count : _runs.Count(r => r.Key.Tenant == tenant);

    public void Add(SessionKey session, ParkedRun run)
    {
        _runs[session] = run;
        if (run.ExpiresAt is not null) Expires?.Invoke(session, run);
    }

    /// <summary>The run of a session that waits; null when none is known.</summary>
    public ParkedRun? Find(SessionKey session) => _runs.TryGetValue(session, out var run) ? run : null;

    /// <summary>Ends when the run of a session does not wait any more.</summary>
    public Task WhenGoneAsync(SessionKey session)
    {
        var gone = _gone.GetOrAdd(session, static _ => new TaskCompletionSource());
        // It may have gone just now.
        if (Find(session) is null) Notify(session);
        return gone.Task;
    }

    public void Remove(SessionKey session)
    {
        _runs.TryRemove(session, out _);
        Notify(session);
    }

    public void Remove(SessionKey session, string runId)
    {
        if (Find(session) is { } run && run.RunId == runId && _runs.TryRemove(new(session, run))) Notify(session);
    }

    private void Notify(SessionKey session)
    {
        if (_gone.TryRemove(session, out var gone)) gone.TrySetResult();
    }
}

/// <summary>A run that waits for approvals.</summary>
/// <param name="RunId">The run.</param>
/// <param name="ExpiresAt">When its calls are refused; null for never.</param>
internal readonly record struct ParkedRun(string RunId, DateTimeOffset? ExpiresAt);
