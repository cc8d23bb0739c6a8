namespace PluginHost.Sqlite;

/// <summary>
/// One caller's change. Everything that can be made ready beforehand (JSON above all) is made by the caller, because all
/// callers wait for the one writer.
/// </summary>
internal abstract class WriteRequest(bool full)
{
    private const int Waiting = 0, Taken = 1, Withdrawn = 2;

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;

    /// <summary>Whether its commit must survive a power cut.</summary>
    public bool IsFull { get; } = full;

    /// <summary>Whether it removes content, so that the write-ahead log must be emptied before the caller is told.</summary>
    public virtual bool Erases => false;

    public Task Done => _done.Task;

    /// <summary>Makes the change inside the writer's transaction. What it throws undoes this change alone.</summary>
    public abstract void Write(PreparedConnection connection, HistoryHeads heads);

    /// <summary>Tells the caches, after the commit and before the caller.</summary>
    public virtual void Committed()
    {
    }

    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, Waiting) == Waiting;

    /// <summary>Cancels the request, unless the writer has begun with it.</summary>
    public void Withdraw(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, Withdrawn, Waiting) == Waiting) _done.TrySetCanceled(cancellationToken);
    }

    public void Complete() => _done.TrySetResult();

    public void Fail(Exception exception) => _done.TrySetException(exception);
}
