using System.Collections.Concurrent;
using PluginHost.Engine.Calls;
using PluginHost.Engine.Explain.Kept;
using PluginHost.Engine.Observation;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Live;

/// <summary>
/// The runs that are queued or running, and the last few that have ended, so that a caller who lost the connection finds them.
/// Thread-safe.
/// </summary>
internal sealed class LiveRuns
{
    private readonly ConcurrentDictionary<(string Tenant, string Run), RunHandle> _runs = new();
    private readonly KeyedLock<(string Tenant, string Key)> _claims = new();
    private readonly ConcurrentDictionary<(string Tenant, string Key), RunHandle> _byKey = new();
    private readonly EndedRuns _ended;
    private int _active;
    private TaskCompletionSource? _idle;

    public LiveRuns(HostEvents events, KeptExplanations explanations)
    {
        (Events, Explanations) = (events, explanations);
        _ended = new EndedRuns(Remove);
    }

    /// <summary>Where the beginnings and ends of the runs are published.</summary>
    public HostEvents Events { get; }

    /// <summary>What the models of runs were given.</summary>
    public KeptExplanations Explanations { get; }

    /// <summary>The runs that wait for approvals.</summary>
    public ParkedRuns Parked { get; } = new();

    public bool IsStopping => Volatile.Read(ref _idle) is not null;

    public int Active => Volatile.Read(ref _active);

    /// <summary>How many bytes the ended runs count that are kept.</summary>
    public long EndedBytes => _ended.Bytes;

    public RunHandle? Find(string tenant, string runId) => _runs.GetValueOrDefault((tenant, runId));

    public RunHandle? Find(SessionKey session, string runId) => Find(session.Tenant, runId) is { } run && run.Record.Session == session ? run : null;

    /// <summary>Whether a run is in progress in the store alone: the store kept what lets it continue, but the host did not learn that.</summary>
    public bool IsStranded(RunRecord run) => run is { Status: RunStatus.Running, CompletedAt: null } && Find(run.Session, run.Id) is null;

    public IEnumerable<RunHandle> InProgress() => _runs.Values.Where(r => !r.Completion.IsCompleted);

    public IEnumerable<RunHandle> InSession(SessionKey session) => _runs.Where(r => r.Value.Record.Session == session).Select(r => r.Value);

    /// <returns>Whether the host still takes runs.</returns>
    public bool TryAdd(RunHandle handle)
    {
        handle.Events = Events;
        // Counted before the check, so that a stop either sees the run or is seen by it.
        Interlocked.Increment(ref _active);
        if (IsStopping)
        {
            Leave();
            return false;
        }

        _runs[(handle.Record.Session.Tenant, handle.Record.Id)] = handle;
        if (handle.Record.IdempotencyKey is { } key) _byKey[(handle.Record.Session.Tenant, key)] = handle;
        return true;
    }

    /// <summary>The keys of the requests that gave input to a run find it as long as it is kept.</summary>
    public void AddKeys(RunHandle handle)
    {
        foreach (var key in handle.Inbox.Keys) _byKey[(handle.Record.Session.Tenant, key)] = handle;
        // It may have ended meanwhile, and not be kept.
        if (Find(handle.Record.Session.Tenant, handle.Record.Id) != handle) RemoveKeys(handle);
    }

    /// <summary>Gives a run that continues the input that it was given before.</summary>
    public void Restore(RunHandle handle, IEnumerable<RunInput> inputs, IReadOnlySet<string> taken)
    {
        handle.Inbox.Restore(inputs, taken);
        AddKeys(handle);
    }

    /// <summary>A run has ended: keeps it, unless nothing of it may stay.</summary>
    /// <param name="handle">The run.</param>
    /// <param name="limit">How many bytes of ended runs are kept.</param>
    public void Ended(RunHandle handle, long limit)
    {
        var record = handle.Record;
        if (record.IdempotencyKey is { } key) _byKey.TryRemove(new((record.Session.Tenant, key), handle));
        if (handle.IsStateless || handle.IsLeft || handle.IsParked || handle.IsElsewhere) Remove(handle);
        else Keep(handle, limit);
        Leave();
    }

    /// <summary>A run has ended for its callers and stays open in the store: its handle is kept as long as the process, because the store does not know the end.</summary>
    public void EndedUnstored(RunHandle handle)
    {
        if (handle.Record.IdempotencyKey is { } key) _byKey.TryRemove(new((handle.Record.Session.Tenant, key), handle));
        Leave();
    }

    /// <summary>Forgets the ended and the parked runs of a session that is deleted.</summary>
    public void Forget(SessionKey session)
    {
        Parked.Remove(session);
        Explanations.Forget(session);
        foreach (var handle in InSession(session).Where(h => h.Completion.IsCompleted).ToList())
            Forget(handle);
    }

    /// <summary>Forgets the ended runs of sessions that other hosts may continue. The store has them.</summary>
    public void ForgetEnded(IReadOnlyCollection<SessionKey> sessions)
    {
        var gone = sessions.ToHashSet();
        foreach (var session in gone) Parked.Remove(session);
        foreach (var handle in _runs.Select(r => r.Value).Where(h => h.Completion.IsCompleted && gone.Contains(h.Record.Session)).ToList()) Forget(handle);
    }

    /// <summary>Another host has had a session: stops the runs that count on a claim up to this one.</summary>
    public void LoseSession(SessionKey session, long claim)
    {
        foreach (var handle in InSession(session).Where(h => h.Claim > 0 && h.Claim <= claim && !h.Completion.IsCompleted).ToList()) handle.LoseSession();
    }

    /// <summary>Forgets a run that has ended or is parked, and is deleted.</summary>
    public void Forget(SessionKey session, string runId)
    {
        Parked.Remove(session, runId);
        Explanations.Forget(session, runId);
        if (Find(session, runId) is { Completion.IsCompleted: true } handle) Forget(handle);
    }

    /// <summary>Makes others with the same idempotency key wait while its run is looked up or begun.</summary>
    public async ValueTask<Claim> ClaimAsync(string tenant, string key, CancellationToken cancellationToken)
    {
        await _claims.EnterAsync((tenant, key), cancellationToken);
        return new Claim(this, tenant, key, _byKey.GetValueOrDefault((tenant, key)));
    }

    /// <summary>Refuses new runs, lets the others end, then cancels them, or leaves them to the next process, and waits until that is stored.</summary>
    /// <param name="timeout">How long runs may take to end.</param>
    /// <param name="cancelTimeout">How long cancelled runs may take to be stored.</param>
    /// <param name="time">The clock.</param>
    public async Task StopAsync(TimeSpan timeout, TimeSpan cancelTimeout, TimeProvider time)
    {
        var idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        idle = Interlocked.CompareExchange(ref _idle, idle, null) ?? idle;
        // Those that wait behind a run that needs an approval would wait for a person.
        foreach (var handle in _runs.Values.Where(static h => h.NextTurn is not null)) handle.Leave();
        if (Active == 0) return;
        try
        {
            await idle.Task.WaitAsync(timeout, time);
        }
        catch (TimeoutException)
        {
            foreach (var handle in _runs.Values) handle.Leave();
            await Task.WhenAny(idle.Task, Task.Delay(cancelTimeout, time));
        }
    }

    private void Keep(RunHandle handle, long limit)
    {
        handle.Compact();
        _ended.Add(handle, limit);
        // It may have been deleted meanwhile.
        if (Find(handle.Record.Session.Tenant, handle.Record.Id) != handle) _ended.Remove(handle);
    }

    private void Forget(RunHandle handle)
    {
        Remove(handle);
        _ended.Remove(handle);
    }

    private void Remove(RunHandle handle)
    {
        _runs.TryRemove(new((handle.Record.Session.Tenant, handle.Record.Id), handle));
        RemoveKeys(handle);
    }

    private void RemoveKeys(RunHandle handle)
    {
        foreach (var key in handle.Inbox.Keys) _byKey.TryRemove(new((handle.Record.Session.Tenant, key), handle));
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _active) == 0) Volatile.Read(ref _idle)?.TrySetResult();
    }

    internal sealed class Claim(LiveRuns owner, string tenant, string key, RunHandle? running) : IDisposable
    {
        public RunHandle? Running { get; } = running;

        public void Dispose() => owner._claims.Exit((tenant, key));
    }
}
