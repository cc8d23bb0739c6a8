using PluginHost.Sdk;
using PluginHost.Shared.Caches;

namespace PluginHost.Postgres;

/// <summary>
/// Records and windows of the sessions that were used most recently. A session is one host's, so what this host has read or written is what is stored, while it has
/// the session by the same claim and nothing has changed it since. Thread-safe.
/// </summary>
/// <param name="fences">The sessions that this host has.</param>
/// <param name="isAway">Whether the database failed last. Then nothing counts as known: a run fails before its model is called.</param>
internal sealed class SessionCache(SessionFences fences, Func<bool> isAway)
{
    private const long Capacity = 64L << 20;

    private readonly Lock _lock = new();
    private readonly RecentValues<SessionKey, CachedSession> _values = new() { Capacity = Capacity };

    /// <summary>What is known of a session; null when nothing is, or the session may be another host's.</summary>
    public CachedSession? Find(SessionKey session) => !isAway() && fences.FindToRead(session) is { } fence ? Find(session, fence, SessionChanges.Get(session)) : null;

    /// <summary>Begins a read whose result <see cref="Add"/> may keep.</summary>
    /// <returns>Nothing known, as of now; null when it must not be kept.</returns>
    public CachedSession? BeginRead(SessionKey session) => fences.FindToRead(session) is { } fence ? new CachedSession(fence, SessionChanges.Get(session), null, []) : null;

    /// <summary>Keeps what was read, unless the session has changed since the read began.</summary>
    /// <param name="session">The session.</param>
    /// <param name="begun">As of the begin of the read; null to keep nothing.</param>
    /// <param name="add">Adds it to what is known.</param>
    public void Add(SessionKey session, CachedSession? begun, Func<CachedSession, CachedSession> add)
    {
        if (begun is null || fences.FindToRead(session) != begun.Fence || SessionChanges.Get(session) != begun.Change) return;
        lock (_lock)
        {
            var known = _values.Find(session);
            // A change after the look above makes an entry that is never found.
            _values.Put(session, add(known is not null && known.Fence == begun.Fence && known.Change == begun.Change ? known : begun));
        }
    }

    /// <summary>Begins a change of a session. From here on, nothing is known of it.</summary>
    public SessionChange BeginChange(SessionKey session, long? fence)
    {
        // Counted first: what another change writes until then must be in what is known.
        var number = SessionChanges.Add(session);
        var known = fence is { } own && fences.FindToRead(session) == own ? Find(session, own, number - 1) : null;
        return new SessionChange(session, fence, known, number);
    }

    /// <summary>Ends a change, whether or not it was stored.</summary>
    public static void End(in SessionChange change) => SessionChanges.Add(change.Session);

    /// <summary>Ends a change that was stored, and keeps what is known after it, unless another change has begun.</summary>
    public void End(in SessionChange change, Func<CachedSession, CachedSession> apply)
    {
        var number = SessionChanges.Add(change.Session);
        if (change.Fence is not { } fence || number != change.Number + 1 || fences.FindToRead(change.Session) != fence) return;
        var known = apply(change.Known ?? new CachedSession(fence, 0, null, [])) with { Change = number };
        lock (_lock) _values.Put(change.Session, known);
    }

    /// <summary>Forgets sessions, to free the memory.</summary>
    public void Forget(params IEnumerable<SessionKey> sessions)
    {
        lock (_lock)
        {
            foreach (var session in sessions) _values.Remove(session);
        }
    }

    private CachedSession? Find(SessionKey session, long fence, long change)
    {
        lock (_lock) return _values.Use(session) is { } known && known.Fence == fence && known.Change == change ? known : null;
    }
}

/// <summary>A change that is on its way.</summary>
/// <param name="Session">The session.</param>
/// <param name="Fence">The claim under which it is written; null for none.</param>
/// <param name="Known">What was known before it; null for nothing.</param>
/// <param name="Number">The number of its begin.</param>
internal readonly record struct SessionChange(SessionKey Session, long? Fence, CachedSession? Known, long Number);
