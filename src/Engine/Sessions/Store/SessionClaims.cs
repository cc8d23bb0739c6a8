using PluginHost.Engine.Errors;
using PluginHost.Sdk;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>
/// The sessions that this host has, where several hosts share a store. A session is claimed when it is first used, and given up when it was not
/// used for a while, so that its window is read once. Without a shared store, all sessions are this host's, and no call does anything. Thread-safe.
/// </summary>
internal sealed class SessionClaims(TimeProvider time)
{
    /// <summary>How long a session stays with the host after its last use.</summary>
    public static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(30);

    /// <summary>How many sessions are claimed again at once.</summary>
    private const int MaxAtOnce = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<SessionKey, HeldSession> _held = [];

    // Sessions that are being given up: a new claim comes after that.
    private readonly Dictionary<SessionKey, Task> _leaving = [];
    private bool _isClosing;
    private long _lastClaim;

    /// <summary>Where sessions are claimed; null when no other host uses the store.</summary>
    public IClaimSource? Source { get; set; }

    /// <summary>Takes over what other hosts left in a session, before anything else uses it.</summary>
    public Func<SessionKey, ValueTask>? TakeOver { get; set; }

    /// <summary>Forgets what the host has in memory of sessions that it gives up.</summary>
    public Action<IReadOnlyCollection<SessionKey>>? Forget { get; set; }

    /// <summary>Stops the runs of a session that count on its claims up to a number: another host has had the session since.</summary>
    public Action<SessionKey, long>? Stop { get; set; }

    /// <summary>The number of the newest claim of any session. A claim gets its number when the session is this host's.</summary>
    public long LastClaim => Volatile.Read(ref _lastClaim);

    /// <summary>How many sessions the host has.</summary>
    public int Count
    {
        get { lock (_lock) return _held.Count; }
    }

    /// <summary>Claims a session, and keeps it until <see cref="Unuse"/>.</summary>
    /// <returns>The number of the claim; 0 where no other host uses the store.</returns>
    /// <exception cref="SessionElsewhereException">Another host has it.</exception>
    /// <exception cref="SessionStoreException">The store failed or took too long.</exception>
    public ValueTask<long> UseAsync(SessionKey session)
    {
        if (Source is not { } source) return default;
        HeldSession held;
        SessionClaim claim;
        lock (_lock)
        {
            if (!_held.TryGetValue(session, out held!)) _held[session] = held = new HeldSession();
            held.Uses++;
            claim = held.Claim ??= Begin(source, session, held);
        }

        return claim.End.IsCompletedSuccessfully ? new ValueTask<long>(claim.Number) : new ValueTask<long>(WaitAsync(session, held, claim));
    }

    /// <summary>Whether a claim is lost. A run that counts on it since then was not among those that were stopped.</summary>
    public bool IsLost(SessionKey session, long claim)
    {
        if (claim == 0) return false;
        lock (_lock) return _held.TryGetValue(session, out var held) && claim <= held.Lost;
    }

    /// <summary>The number of the claim by which this host has a session, also while it takes the session's runs over; 0 for none.</summary>
    public long ClaimOf(SessionKey session)
    {
        if (Source is null) return 0;
        lock (_lock) return _held.TryGetValue(session, out var held) ? held.Number : 0;
    }

    /// <summary>Claims a session for a short time.</summary>
    /// <inheritdoc cref="UseAsync"/>
    public async ValueTask EnsureAsync(SessionKey session)
    {
        if (Source is null) return;
        await UseAsync(session);
        Unuse(session);
    }

    /// <summary>Keeps a session that is in use, or is being taken over, until <see cref="Unuse"/>.</summary>
    public void UseAgain(SessionKey session)
    {
        if (Source is null) return;
        lock (_lock) _held[session].Uses++;
    }

    public void Unuse(SessionKey session)
    {
        if (Source is null) return;
        lock (_lock)
        {
            var held = _held[session];
            held.LastUse = time.GetTimestamp();
            if (--held.Uses == 0 && _isClosing) _ = GiveUp([session]);
        }
    }

    /// <summary>A write or a claim was refused: another host has, or has had, the session. The next use claims it again.</summary>
    /// <param name="session">The session.</param>
    /// <param name="claim">The number up to which its claims are lost. A later one stays.</param>
    public void Lose(SessionKey session, long claim)
    {
        bool isNewest;
        lock (_lock)
        {
            if (!_held.TryGetValue(session, out var held)) return;
            isNewest = held.Number <= claim;
            held.Lost = Math.Max(held.Lost, claim);
            // One without a number is on its way.
            if (isNewest && held.Claim is { Number: > 0 }) held.Claim = null;
        }

        Stop?.Invoke(session, claim);
        if (isNewest) Forget?.Invoke([session]);
    }

    /// <summary>
    /// The host had no lease for a while. Each session is claimed again when it is used next, and those in use at once: their runs must learn whether another
    /// host has had them.
    /// </summary>
    public void LoseAll()
    {
        var (idle, used) = (new List<SessionKey>(), new List<SessionKey>());
        lock (_lock)
        {
            foreach (var (session, held) in _held)
            {
                held.Claim = null;
                (held.Uses > 0 ? used : idle).Add(session);
            }
        }

        Forget?.Invoke(idle);
        _ = Parallel.ForEachAsync(used, new ParallelOptions { MaxDegreeOfParallelism = MaxAtOnce }, (session, _) => TryEnsureAsync(session));
    }

    /// <summary>Gives up a session that is not in use.</summary>
    public Task ReleaseAsync(SessionKey session)
    {
        lock (_lock)
        {
            return _held.TryGetValue(session, out var held) && held.Uses == 0 ? GiveUp([session]) : Task.CompletedTask;
        }
    }

    /// <summary>Gives up the sessions that were not used for a while.</summary>
    public Task ReleaseIdleAsync() => ReleaseAsync(held => time.GetElapsedTime(held.LastUse) >= IdleTime);

    /// <summary>Gives up all sessions, those in use as soon as they are free.</summary>
    public Task CloseAsync()
    {
        lock (_lock) _isClosing = true;
        return ReleaseAsync(static _ => true);
    }

    private async ValueTask TryEnsureAsync(SessionKey session)
    {
        try
        {
            await EnsureAsync(session);
        }
        catch (Exception)
        {
            // Another host has it, or the next use tries again and says why. It must not keep the others from being claimed.
        }
    }

    private Task ReleaseAsync(Func<HeldSession, bool> isDue)
    {
        lock (_lock) return GiveUp([.. _held.Where(h => h.Value.Uses == 0 && isDue(h.Value)).Select(h => h.Key)]);
    }

    /// <summary>Under the lock.</summary>
    private Task GiveUp(List<SessionKey> sessions)
    {
        if (sessions.Count == 0) return Task.CompletedTask;
        var leaving = Task.Run(() => GiveUpAsync(sessions));
        foreach (var session in sessions)
        {
            _held.Remove(session);
            _leaving[session] = leaving;
        }

        return leaving;
    }

    private async Task GiveUpAsync(List<SessionKey> sessions)
    {
        try
        {
            Forget?.Invoke(sessions);
            await Source!.ReleaseAsync(sessions);
        }
        finally
        {
            lock (_lock)
            {
                foreach (var session in sessions) _leaving.Remove(session);
            }
        }
    }

    /// <summary>Under the lock.</summary>
    private SessionClaim Begin(IClaimSource source, SessionKey session, HeldSession held)
    {
        var (claim, leaving) = (new SessionClaim(), _leaving.GetValueOrDefault(session));
        claim.End = Task.Run(() => ClaimAsync(source, session, held, claim, leaving));
        return claim;
    }

    private async Task ClaimAsync(IClaimSource source, SessionKey session, HeldSession held, SessionClaim claim, Task? leaving)
    {
        if (leaving is not null) await leaving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (await source.ClaimAsync(session) is { } other)
        {
            // What began here before is that host's.
            if (held.Number > 0) Lose(session, held.Number);
            throw new SessionElsewhereException($"session '{session.Id}'", other);
        }

        lock (_lock)
        {
            // The store says when another host has had it. Without that, the runs that count on the last claim continue under its number.
            if (held.Number <= held.Lost) held.Number = ++_lastClaim;
            claim.Number = held.Number;
        }

        if (TakeOver is { } takeOver) await takeOver(session);
    }

    private async Task<long> WaitAsync(SessionKey session, HeldSession held, SessionClaim claim)
    {
        try
        {
            await claim.End;
            return claim.Number;
        }
        catch
        {
            lock (_lock)
            {
                if (held.Claim == claim) held.Claim = null;
                if (--held.Uses == 0 && held.Claim is null) _held.Remove(session);
            }

            throw;
        }
    }
}
