namespace PluginHost.Engine.Calls;

/// <summary>Waits for work that may never end.</summary>
internal static class BoundedWait
{
    /// <summary>How long cancelled work may take to end by itself, so that what it finishes is kept; then it is left alone.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Waits for a task up to a time. Past it, or <see cref="Grace"/> after the outer token was cancelled, the work is cancelled through
    /// <paramref name="cancellation"/> and left alone; what it throws later is observed and dropped.
    /// </summary>
    /// <exception cref="TimeoutException">The time is over; <paramref name="cancellation"/> is cancelled.</exception>
    /// <exception cref="OperationCanceledException">The outer token was cancelled and the work did not end.</exception>
    public static async ValueTask<T> WaitAsync<T>(
        Task<T> task, TimeSpan timeout, TimeProvider time, CancellationTokenSource cancellation, CancellationToken outer)
    {
        try
        {
            return await task.WaitAsync(timeout, time, outer);
        }
        catch (OperationCanceledException) when (outer.IsCancellationRequested)
        {
            // The outer token, which is linked, cancels the work.
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            Cancel(cancellation);
            Forget(task);
            throw;
        }

        return await WaitCancelledAsync(task, time, outer);
    }

    /// <summary>
    /// Cancels without waiting for those who listen: one that blocks or throws, plugin code perhaps, must not break who cancels.
    /// </summary>
    public static void Cancel(CancellationTokenSource cancellation)
    {
        try
        {
            Forget(cancellation.CancelAsync());
        }
        catch (ObjectDisposedException)
        {
            // What was to be cancelled ended in the same moment.
        }
    }

    /// <summary>Leaves a task alone without leaving its exception unobserved.</summary>
    public static void Forget(Task task) =>
        task.ContinueWith(
            static t => _ = t.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);

    private static async ValueTask<T> WaitCancelledAsync<T>(Task<T> task, TimeProvider time, CancellationToken cancelled)
    {
        try
        {
            return await task.WaitAsync(Grace, time, CancellationToken.None);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            Forget(task);
            throw new OperationCanceledException(cancelled);
        }
    }
}
