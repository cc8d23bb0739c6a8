using System.Collections.Concurrent;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Live;

/// <summary>
/// Which sessions have a run that waits for approvals: what keeps other runs off them. The store has everything else of such a run. Thread-safe.
/// </summary>
internal sealed class ParkedRuns
{
    private readonly ConcurrentDictionary<SessionKey, ParkedRun> _runs = new();

    private readonly Lock _lock = new();
    private readonly Dictionary<SessionKey, List<Action>> _waiting = [];
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

    /// <summary>
    /// Calls back when the run of a session does not wait any more, on the thread that removes it and in the order of these calls: those behind it
    /// take their places before anything else. At once when there is none.
    /// </summary>
    public void OnGone(SessionKey session, Action act)
    {
        lock (_lock)
        {
            if (Find(session) is not null)
            {
                if (!_waiting.TryGetValue(session, out var acts)) _waiting[session] = acts = [];
                acts.Add(act);
                return;
            }
        }

        act();
    }

    /// <summary>Takes an <see cref="OnGone"/> back.</summary>
    public void Ignore(SessionKey session, Action act)
    {
        lock (_lock)
        {
            if (_waiting.TryGetValue(session, out var acts) && acts.Remove(act) && acts.Count == 0) _waiting.Remove(session);
        }
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
        List<Action>? acts;
        lock (_lock) _waiting.Remove(session, out acts);
        acts?.ForEach(static act => act());
    }
}

/// <summary>A run that waits for approvals.</summary>
/// <param name="RunId">The run.</param>
/// <param name="ExpiresAt">When its calls are refused; null for never.</param>
internal readonly record struct ParkedRun(string RunId, DateTimeOffset? ExpiresAt);
