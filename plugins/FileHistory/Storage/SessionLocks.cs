namespace PluginHost.Files.Storage;

/// <summary>One lock per session. A lock exists only while it is held or awaited.</summary>
internal sealed class SessionLocks
{
    private readonly Dictionary<SessionKey, SessionLock> _locks = [];

    /// <summary>Waits for a session's lock. Dispose the result to release it.</summary>
    public async ValueTask<IDisposable> AcquireAsync(SessionKey session, CancellationToken cancellationToken)
    {
        SessionLock? found;
        lock (_locks)
        {
            if (!_locks.TryGetValue(session, out found)) _locks[session] = found = new SessionLock(this, session);
            found.Users++;
        }

        try
        {
            await found.Semaphore.WaitAsync(cancellationToken);
        }
        catch
        {
            RemoveUser(found);
            throw;
        }

        return found;
    }

    private void RemoveUser(SessionLock used)
    {
        lock (_locks)
        {
            if (--used.Users > 0) return;
            _locks.Remove(used.Session);
        }

        used.Semaphore.Dispose();
    }

    private sealed class SessionLock(SessionLocks owner, SessionKey session) : IDisposable
    {
        public SessionKey Session { get; } = session;

        public SemaphoreSlim Semaphore { get; } = new(1, 1);

        public int Users { get; set; }

        public void Dispose()
        {
            Semaphore.Release();
            owner.RemoveUser(this);
        }
    }
}
