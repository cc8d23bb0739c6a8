namespace PluginHost.Engine.Plugins;

/// <summary>
/// What has been seen of how a plugin treats the thread it is called on, operation by operation. Thread-safe.
/// </summary>
internal sealed class BlockingProfile
{
    private int _returned;
    private int _kept;
    private int _elsewhere;

    /// <summary>How many calls are on threads that are not the run's own.</summary>
    public int Elsewhere => Volatile.Read(ref _elsewhere);

    /// <summary>Whether calls may begin on the run's own thread: the plugin has given one back, and never kept one.</summary>
    public bool Has(int operation) => (Volatile.Read(ref _returned) & ~Volatile.Read(ref _kept) & (1 << operation)) != 0;

    /// <summary>Whether it has kept a thread.</summary>
    public bool IsLost(int operation) => (Volatile.Read(ref _kept) & (1 << operation)) != 0;

    /// <summary>It gave its thread back.</summary>
    public void Gain(int operation) => Interlocked.Or(ref _returned, 1 << operation);

    /// <summary>It is known to give every thread back: the host's own, and plugins of tests that have the time in their hands.</summary>
    public void GainAll() => Volatile.Write(ref _returned, -1);

    /// <summary>It kept its thread.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Lose(int operation) => (Interlocked.Or(ref _kept, 1 << operation) & (1 << operation)) == 0;

    public void Enter() => Interlocked.Increment(ref _elsewhere);

    public void Exit() => Interlocked.Decrement(ref _elsewhere);
}
