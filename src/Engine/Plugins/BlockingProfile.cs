namespace PluginHost.Engine.Plugins;

/// <summary>Which operations of a plugin were seen to block the thread they are called on. Thread-safe.</summary>
internal sealed class BlockingProfile
{
    private int _returned;
    private int _kept;
    private int _elsewhere;

    /// <summary>How many calls run on threads other than the run's.</summary>
    public int Elsewhere => Volatile.Read(ref _elsewhere);

    /// <summary>Whether calls may begin on the run's thread: one has returned it, and none has blocked it.</summary>
    public bool Has(int operation) => (Volatile.Read(ref _returned) & ~Volatile.Read(ref _kept) & (1 << operation)) != 0;

    /// <summary>Whether a call has blocked its thread.</summary>
    public bool IsLost(int operation) => (Volatile.Read(ref _kept) & (1 << operation)) != 0;

    /// <summary>Records a call that returned its thread.</summary>
    public void Gain(int operation) => Interlocked.Or(ref _returned, 1 << operation);

    /// <summary>For plugins that are known never to block: the host's, and those of tests with a fake clock.</summary>
    public void GainAll() => Volatile.Write(ref _returned, -1);

    /// <summary>Records a call that blocked its thread.</summary>
    /// <returns>Whether it is the first.</returns>
    public bool Lose(int operation) => (Interlocked.Or(ref _kept, 1 << operation) & (1 << operation)) == 0;

    public void Enter() => Interlocked.Increment(ref _elsewhere);

    public void Exit() => Interlocked.Decrement(ref _elsewhere);
}
