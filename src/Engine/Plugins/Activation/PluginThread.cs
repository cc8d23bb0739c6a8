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

    /// <summary>Makes a call after those before it, in the context of its caller: what a call sets there, such as a culture, does not reach the next.</summary>
    public Task<T> RunAsync<T>(Func<T> call)
    {
        var (result, context) = (new TaskCompletionSource<T>(), ExecutionContext.Capture());
        lock (_lock)
        {
            _calls.Enqueue(() => Complete(result, context, call));
            if (_isRunning) return result.Task;
            _isRunning = true;
        }

        new Thread(Work) { IsBackground = true, Name = "Plugin activation" }.UnsafeStart();
        return result.Task;
    }

    private static void Complete<T>(TaskCompletionSource<T> result, ExecutionContext? context, Func<T> call)
    {
        T value;
        try
        {
            value = context is null ? call() : RunIn(context, call);
        }
        catch (Exception e)
        {
            result.SetException(e);
            return;
        }

        result.SetResult(value);
    }

    private static T RunIn<T>(ExecutionContext context, Func<T> call)
    {
        var value = default(T);
        ExecutionContext.Run(context, _ => value = call(), null);
        return value!;
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
