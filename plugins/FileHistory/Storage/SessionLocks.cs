namespace PluginHost.Files.Storage;

/// <summary>One lock per session, there only as long as somebody holds it or waits for it.</summary>
internal sealed class SessionGates
{
    private readonly Dictionary<SessionKey, Gate> _gates = [];

    /// <summary>Waits for a session's lock; disposing the result gives it back.</summary>
    public async ValueTask<IDisposable> EnterAsync(SessionKey session, CancellationToken cancellationToken)
    {
        Gate? gate;
        lock (_gates)
        {
            if (!_gates.TryGetValue(session, out gate)) _gates[session] = gate = new Gate(this, session);
            gate.Users++;
        }

        try
        {
            await gate.Semaphore.WaitAsync(cancellationToken);
        }
        catch
        {
            Leave(gate);
            throw;
        }

        return gate;
    }

    private void Leave(Gate gate)
    {
        lock (_gates)
        {
            if (--gate.Users > 0) return;
            _gates.Remove(gate.Session);
        }

        gate.Semaphore.Dispose();
    }

    private sealed class Gate(SessionGates owner, SessionKey session) : IDisposable
    {
        public SessionKey Session { get; } = session;

        public SemaphoreSlim Semaphore { get; } = new(1, 1);

        public int Users { get; set; }

        public void Dispose()
        {
            Semaphore.Release();
            owner.Leave(this);
        }
    }
}
