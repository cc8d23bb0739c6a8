using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <content>Which host has which session.</content>
public sealed partial class PostgresSessions : ISharedSessionStore
{
    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<HostLease>> RenewAsync(HostDescription self, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(self);
        var begun = Database.GetTimestamp();
        // First, so that no write passes unchecked when the renewal fails.
        Database.Fences.HostId = self.Id;
        await Database.WriteAsync("renew lease", HostStatements.Renew(self), cancellationToken, isOfLease: true);
        Database.Fences.Renew(begun);
        var hosts = await Database.ReadAsync("find hosts", HostStatements.Find, HostStatements.ReadAsync, cancellationToken, isOfLease: true);
        var gone = hosts.Where(h => h.Lease.IsLive && h.Process.IsGone()).Select(h => h.Lease.Host.Id).ToList();
        if (gone.Count == 0) return [.. hosts.Select(h => h.Lease)];
        await Database.WriteAsync("end leases", [HostStatements.EndOf(gone)], cancellationToken, isOfLease: true);
        return [.. hosts.Select(h => gone.Contains(h.Lease.Host.Id) ? h.Lease with { Remaining = TimeSpan.Zero } : h.Lease)];
    }

    /// <inheritdoc/>
    public async ValueTask LeaveAsync(string hostId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(hostId);
        Database.Fences.EndLease();
        await Database.WriteAsync("leave", HostStatements.Leave(hostId), cancellationToken);
        Database.Fences.Leave();
    }

    /// <inheritdoc/>
    public ValueTask<HostLease?> ClaimAsync(SessionKey session, string hostId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(hostId);
        return Database.Fences.ClaimAsync(session, hostId, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseAsync(IReadOnlyList<SessionKey> sessions, string hostId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        ArgumentNullException.ThrowIfNull(hostId);
        if (sessions.Count == 0) return;
        Database.Fences.Forget(sessions);
        Database.Cache.Forget(sessions);
        await Database.WriteAsync("release sessions", [ClaimStatements.Release(sessions, hostId)], cancellationToken);
        Database.Fences.Settle(sessions);
    }
}
