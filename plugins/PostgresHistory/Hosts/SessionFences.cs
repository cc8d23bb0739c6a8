using System.Collections.Concurrent;
using Npgsql;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>The sessions that this host has claimed, by their fences. Thread-safe.</summary>
internal sealed class SessionFences(Database database, TimeProvider time)
{
    private const int MaxAttempts = 3;

    /// <summary>Fences begin at 1.</summary>
    private const long Lost = 0;

    private readonly ConcurrentDictionary<SessionKey, long> _fences = new();

    // Sessions of which a write may be stored later.
    private readonly ConcurrentDictionary<SessionKey, Doubted> _doubts = new();

    // The sessions that were found to be this host's, with the number of the lease. Before another lease they may have been another host's.
    private readonly ConcurrentDictionary<SessionKey, (long Fence, int Lease)> _found = new();
    private long _renewed;
    private int _lease;

    /// <summary>This host; null until it asks for a lease, and works with the database alone. Stays when it leaves, so that its late writes are refused.</summary>
    public string? HostId { get; set; }

    /// <summary>Notes that this host has a lease.</summary>
    /// <param name="begun">When the renewal was begun, by this host's clock.</param>
    public void Renew(long begun)
    {
        // The renewal may have come after the end of the lease.
        if (!HasLease) Interlocked.Increment(ref _lease);
        Volatile.Write(ref _renewed, begun);
    }

    /// <summary>This host gives up its lease.</summary>
    public void EndLease() => Volatile.Write(ref _renewed, 0);

    /// <summary>
    /// The fence under which no other host can have changed a session; null when one may have. Counted from before the renewal, this host's lease ends before it
    /// does in the database.
    /// </summary>
    public long? FindToRead(SessionKey session) =>
        HasLease && _found.TryGetValue(session, out var found) && found.Lease == Volatile.Read(ref _lease)
        && _fences.TryGetValue(session, out var fence) && fence == found.Fence && !(_doubts.TryGetValue(session, out var doubt) && doubt.Fence == fence) ? fence : null;

    /// <summary>A write of a session has failed, and may be stored yet. What is read from now on may be changed by it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="fence">The claim under which it was sent; null for none, under which nothing is known anyway.</param>
    /// <param name="isSave">Whether it is a save, which is refused once a later one is stored. Otherwise the doubt lasts as long as the claim.</param>
    public void Doubt(SessionKey session, long? fence, bool isSave)
    {
        if (fence is not { } own) return;
        _doubts.AddOrUpdate(session, new Doubted(own, isSave), (_, known) => known.Fence > own ? known : new Doubted(own, known.IsSave && isSave));
    }

    /// <summary>A save was stored.</summary>
    public void Trust(SessionKey session)
    {
        if (_doubts.TryGetValue(session, out var doubt) && doubt.IsSave) _doubts.TryRemove(new(session, doubt));
    }

    /// <summary>The sessions were given up in the database: what was sent under their fences is refused.</summary>
    public void Settle(IReadOnlyList<SessionKey> sessions)
    {
        foreach (var session in sessions) _doubts.TryRemove(session, out _);
    }

    /// <returns>The host that has the session; null when it is this one.</returns>
    /// <exception cref="PostgresStoreException">This host has no lease.</exception>
    /// <exception cref="SessionMovedException">Another host has had the session since this one claimed it before. The next claim passes.</exception>
    public async ValueTask<HostLease?> ClaimAsync(SessionKey session, string hostId, CancellationToken cancellationToken)
    {
        // The other host's lease may end between the two statements.
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var lease = Volatile.Read(ref _lease);
            var (taken, owner) = await TakeAsync(session, hostId, cancellationToken);
            if (taken is { } fence)
            {
                if (_fences.TryGetValue(session, out var known) && known != Lost && known != fence)
                {
                    // What this host began under the known fence must end before it works under the new one. Of several claims at once, one says so.
                    if (_fences.TryUpdate(session, Lost, known)) throw new SessionMovedException(session);
                    continue;
                }

                _fences[session] = fence;
                _found[session] = (fence, lease);
                return null;
            }

            // The known fence stays: with it no write passes, and the next claim finds that another host has had the session.
            if (owner is [{ Lease.IsLive: true } other] && other.Lease.Host.Id != hostId) return other.Lease;
        }

        throw new PostgresStoreException("This host has no lease in the database. It gets one within 2 seconds; send the request again.");
    }

    /// <returns>The fence by which the session is this host's; null without a lease.</returns>
    /// <exception cref="SessionMovedException">The session is another host's.</exception>
    public async ValueTask<long?> RequireAsync(SessionKey session, CancellationToken cancellationToken)
    {
        if (HostId is not { } host) return null;
        // A new build of the plugin does not know the claims of the old one.
        if (!_fences.ContainsKey(session) && await ClaimAsync(session, host, cancellationToken) is not null) throw new SessionMovedException(session);
        return _fences.TryGetValue(session, out var fence) && fence != Lost ? fence : throw new SessionMovedException(session);
    }

    /// <summary>
    /// Notes that another host has taken the session since this one had it by a fence: writes of this host are refused until it claims the session again, even if
    /// the session is free by then. A later claim stays.
    /// </summary>
    public void Lose(SessionKey session, long fence) => _fences.TryUpdate(session, Lost, fence);

    /// <summary>Forgets sessions that are not this host's any more.</summary>
    public void Forget(params IEnumerable<SessionKey> sessions)
    {
        foreach (var session in sessions)
        {
            _fences.TryRemove(session, out _);
            _found.TryRemove(session, out _);
        }
    }

    /// <summary>Forgets them all.</summary>
    public void Leave()
    {
        _fences.Clear();
        _found.Clear();
        _doubts.Clear();
    }

    private bool HasLease => Volatile.Read(ref _renewed) is not 0 and var renewed && time.GetElapsedTime(renewed) < HostLease.Duration;

    private ValueTask<(long? Fence, List<StoredHost> Owner)> TakeAsync(SessionKey session, string hostId, CancellationToken cancellationToken) => database.ReadAsync(
        "claim session",
        ClaimStatements.Claim(session, hostId),
        static async (NpgsqlDataReader rows, CancellationToken token) =>
        {
            // Behind the wait for the lock.
            await rows.NextResultAsync(token);
            var fence = await rows.ReadAsync(token) ? rows.GetInt64(0) : (long?)null;
            await rows.NextResultAsync(token);
            return (Fence: fence, Owner: await HostStatements.ReadAsync(rows, token));
        },
        cancellationToken);

    /// <summary>A write that may be stored later.</summary>
    /// <param name="Fence">The claim under which it was sent. Under a later one it is refused.</param>
    /// <param name="IsSave">Whether a save that is stored rules it out.</param>
    private readonly record struct Doubted(long Fence, bool IsSave);
}
