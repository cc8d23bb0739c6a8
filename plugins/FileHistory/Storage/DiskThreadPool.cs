namespace PluginHost.Files.Storage;

/// <summary>
/// Threads for blocking disk work. On the shared thread pool, one flush per core would block all other work and limit the number
/// of parallel flushes.
/// </summary>
/// <param name="limit">The maximum number of threads. They are created on demand and end after an idle time.</param>
internal sealed class DiskThreadPool(int limit)
{
    private const int StackBytes = 512 * 1024;
    private static readonly TimeSpan IdleTime = TimeSpan.FromSeconds(10);

    private readonly Queue<Action> _work = new();
    private int _threads;
    private int _idle;

    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return done.Task;
    }

    private void Enqueue(Action action)
    {
        lock (_work)
        {
            _work.Enqueue(action);
            if (_idle >= _work.Count || _threads == limit)
            {
                Monitor.Pulse(_work);
                return;
            }

            _threads++;
        }

        new Thread(Work, StackBytes) { IsBackground = true, Name = "file-history" }.UnsafeStart();
    }

    private void Work()
    {
        while (Dequeue() is { } action) action();
    }

    private Action? Dequeue()
    {
        lock (_work)
        {
            while (_work.Count == 0)
            {
                _idle++;
                var signalled = Monitor.Wait(_work, IdleTime);
                _idle--;
                if (signalled || _work.Count > 0) continue;
                _threads--;
                return null;
            }

            return _work.Dequeue();
        }
    }
}
