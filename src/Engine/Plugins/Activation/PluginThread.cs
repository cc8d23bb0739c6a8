namespace PluginHost.Engine.Plugins.Activation;

/// <summary>
/// A thread for calls of plugins that take no token and may never return, one at a time. What awaits a call continues on this thread, so
/// a build that makes the next call meets no other thread: beside load, each change of thread would wait for a busy processor. The thread
/// ends when there is no next call. Thread-safe.
/// </summary>
internal sealed class PluginThread
{
    private readonly Lock _lock = new();
    private readonly Queue<Action> _calls = [];
    private bool _isRunning;

    /// <summary>Makes a call after those before it.</summary>
    public Task<T> RunAsync<T>(Func<T> call)
    {
        var result = new TaskCompletionSource<T>();
        lock (_lock)
        {
            _calls.Enqueue(() => Complete(result, call));
            if (_isRunning) return result.Task;
            _isRunning = true;
        }

        new Thread(Work) { IsBackground = true, Name = "Plugin activation" }.Start();
        return result.Task;
    }

    private static void Complete<T>(TaskCompletionSource<T> result, Func<T> call)
    {
        T value;
        try
        {
            value = call();
        }
        catch (Exception e)
        {
            result.SetException(e);
            return;
        }

        result.SetResult(value);
    }

    private void Work()
    {
        while (Next() is { } call) call();
    }

    private Action? Next()
    {
        lock (_lock)
        {
            if (_calls.TryDequeue(out var call)) return call;
            _isRunning = false;
            return null;
        }
    }
}
