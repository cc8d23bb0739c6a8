using PluginHost.Engine.Calls;
using PluginHost.Engine.Errors;

namespace PluginHost.Engine.Sessions.Store;

/// <summary>How many sessions a tenant may have. Sessions that are being created count too. Thread-safe.</summary>
internal sealed class SessionQuota(SessionStoreClient store, int limit)
{
    private readonly KeyedCounter<string> _reserved = new();

    /// <summary>Reserves one more session; the caller must <see cref="Release"/> it when the session is stored, or will not be.</summary>
    /// <exception cref="ProblemException">The tenant has as many as it may.</exception>
    public async ValueTask ReserveAsync(string tenant, CancellationToken cancellationToken)
    {
        // Counted before the store is asked: a later caller sees this reservation, or the session that came of it.
        var reserved = _reserved.Add(tenant);
        try
        {
            if (await store.CountSessionsAsync(tenant, cancellationToken) + reserved <= limit) return;
        }
        catch
        {
            Release(tenant);
            throw;
        }

        Release(tenant);
        throw new ProblemException(
            ProblemTypes.TooManySessions, $"The tenant has {limit} sessions, which is the limit (Sessions:MaxSessions). Delete some first.");
    }

    public void Release(string tenant) => _reserved.Remove(tenant);
}
