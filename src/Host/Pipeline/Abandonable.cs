namespace PluginHost.Pipeline;

/// <summary>Waits for work that may never end.</summary>
internal static class Abandonable
{
    /// <summary>
    /// Waits for a task up to a time. Past it, or when the outer token is cancelled, the work is told to stop through
    /// <paramref name="cancellation"/> and left alone; what it throws later is observed and dropped.
    /// </summary>
    /// <exception cref="TimeoutException">The time is over; <paramref name="cancellation"/> is cancelled.</exception>
    public static async ValueTask<T> WaitAsync<T>(
        Task<T> task, TimeSpan timeout, TimeProvider time, CancellationTokenSource cancellation, CancellationToken outer)
    {
        try
        {
            return await task.WaitAsync(timeout, time, outer);
        }
        catch when (!task.IsCompleted)
        {
            await cancellation.CancelAsync();
            Forget(task);
            throw;
        }
    }

    /// <summary>Leaves a task alone without leaving its exception unobserved.</summary>
    public static void Forget(Task task) =>
        task.ContinueWith(
            static t => _ = t.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
}
