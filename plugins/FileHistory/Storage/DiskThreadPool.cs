namespace PluginHost.Files.Storage;

/// <summary>
/// A few threads for work that waits for the disk. On the thread pool, as many flushes as there are cores would block
/// everything else, and no more than those would overlap.
/// </summary>
/// <param name="limit">How many threads at most. They are made when needed and end after a while without work.</param>
internal sealed class DiskThreads(int limit)
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
