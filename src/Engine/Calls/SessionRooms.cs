using System.Runtime.InteropServices;
using PluginHost.Sdk;

namespace PluginHost.Engine.Calls;

/// <summary>
/// Places for sessions that are being created, so that those who create in the same moment see each other. Thread-safe.
/// </summary>
internal sealed class SessionRooms
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _taken = new(StringComparer.Ordinal);

    /// <summary>Takes a place when there is one. Who has it must <see cref="Leave"/> when the session is stored, or will not be.</summary>
    public async ValueTask<bool> TryEnterAsync(ISessionStore store, string tenant, int limit, CancellationToken cancellationToken)
    {
        // Counted before the store is asked: whoever comes later sees this place, or the session that has come of it.
        var taken = Take(tenant);
        var isMine = false;
        try
        {
            return isMine = await store.CountSessionsAsync(tenant, cancellationToken) + taken <= limit;
        }
        finally
        {
            if (!isMine) Leave(tenant);
        }
    }

    public void Leave(string tenant)
    {
        lock (_lock)
        {
            ref var taken = ref CollectionsMarshal.GetValueRefOrNullRef(_taken, tenant);
            if (--taken == 0) _taken.Remove(tenant);
        }
    }

    private int Take(string tenant)
    {
        lock (_lock) return ++CollectionsMarshal.GetValueRefOrAddDefault(_taken, tenant, out _);
    }
}
