namespace PluginHost.Sqlite;

/// <summary>
/// One caller's change. The caller prepares as much as possible, above all the JSON, because all callers share one writer.
/// </summary>
internal abstract class WriteRequest(bool survivesPowerLoss)
{
    private const int Waiting = 0, Started = 1, Cancelled = 2;

    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;

    /// <summary>Whether the commit must survive a power loss, and not only a crash of the process.</summary>
    public bool SurvivesPowerLoss { get; } = survivesPowerLoss;

    /// <summary>Whether the request erases content, which is in the write-ahead log until that was truncated after the commit.</summary>
    public virtual bool ErasesContent => false;

    /// <summary>Whether the request may use the reserved space on a full disk, because it helps to make room.</summary>
    public virtual bool MayUseReserve => ErasesContent;

    /// <summary>Whether the writer tries to truncate the log after the commit.</summary>
    public virtual bool TruncatesLog => false;

    /// <summary>Whether that succeeded. Set before the request completes.</summary>
    public bool IsLogTruncated { get; set; }

    public Task Completion => _completion.Task;

    /// <summary>Makes the change in the writer's transaction. An exception undoes this change only. Repeated when another request of the batch fails.</summary>
    public abstract void Write(PreparedConnection connection, AppendPositions positions);

    /// <summary>Updates the caches after the commit and before the request completes.</summary>
    public virtual void OnCommitted()
    {
    }

    /// <returns>False when the request was cancelled.</returns>
    public bool TryStart() => Interlocked.CompareExchange(ref _state, Started, Waiting) == Waiting;

    /// <summary>Cancels the request unless the writer has started it.</summary>
    public void Cancel(CancellationToken cancellationToken)
    {
        if (Interlocked.CompareExchange(ref _state, Cancelled, Waiting) == Waiting) _completion.TrySetCanceled(cancellationToken);
    }

    public void Complete() => _completion.TrySetResult();

    public void Fail(Exception exception) => _completion.TrySetException(exception);
}
