using System.Collections.Concurrent;
using Npgsql;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <summary>The sessions that this host has claimed, by their fences. Thread-safe.</summary>
internal sealed class SessionFences(Database database)
{
    private const int MaxAttempts = 3;

    private readonly ConcurrentDictionary<SessionKey, long> _fences = new();

    /// <summary>This host; null while it has no lease, and works with the database alone.</summary>
    public string? HostId { get; set; }

    /// <returns>The host that has the session; null when it is this one.</returns>
    /// <exception cref="PostgresStoreException">This host has no lease.</exception>
    public async ValueTask<HostLease?> ClaimAsync(SessionKey session, string hostId, CancellationToken cancellationToken)
    {
        // The other host's lease may end between the two statements.
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if (await TakeAsync(session, hostId, cancellationToken) is { } fence)
            {
                _fences[session] = fence;
                return null;
            }

            _fences.TryRemove(session, out _);
            var owner = await database.ReadAsync("find host", HostStatements.FindOwner(session), HostStatements.ReadAsync, cancellationToken);
            if (owner is [{ Lease.IsLive: true } other] && other.Lease.Host.Id != hostId) return other.Lease;
        }

        throw new PostgresStoreException("This host has no lease in the database. It gets one within 2 seconds; send the request again.");
    }

    /// <returns>The statement that lets a write pass only while the session is this host's; null without a lease.</returns>
    /// <exception cref="SessionMovedException">The session is another host's.</exception>
    public async ValueTask<Statement?> RequireAsync(SessionKey session, CancellationToken cancellationToken)
    {
        if (HostId is not { } host) return null;
        // A new build of the plugin does not know the claims of the old one.
        if (!_fences.ContainsKey(session) && await ClaimAsync(session, host, cancellationToken) is not null) throw new SessionMovedException(session);
        return _fences.TryGetValue(session, out var fence) ? ClaimStatements.Require(session, host, fence) : throw new SessionMovedException(session);
    }

    /// <summary>Forgets sessions that are not this host's any more.</summary>
    public void Forget(params IEnumerable<SessionKey> sessions)
    {
        foreach (var session in sessions) _fences.TryRemove(session, out _);
    }

    /// <summary>Forgets them all.</summary>
    public void Leave()
    {
        HostId = null;
        _fences.Clear();
    }

    private ValueTask<long?> TakeAsync(SessionKey session, string hostId, CancellationToken cancellationToken) => database.ReadAsync(
        "claim session", ClaimStatements.Claim(session, hostId), static async (NpgsqlDataReader rows, CancellationToken token) => await rows.ReadAsync(token) ? rows.GetInt64(0) : (long?)null, cancellationToken);
}
