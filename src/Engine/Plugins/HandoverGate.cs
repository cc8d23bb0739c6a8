namespace PluginHost.Engine.Plugins;

/// <summary>
/// Lets calls of a plugin in, any number at a time, and holds new ones back while the plugin's resource is handed over. One for all
/// builds of a plugin. Thread-safe.
/// </summary>
internal sealed class HandoverGate
{
    private readonly Lock _lock = new();
    private int _inside;
    private TaskCompletionSource? _open;
    private TaskCompletionSource? _empty;

    /// <summary>Waits until the gate is open; the caller must <see cref="Exit"/>.</summary>
    public ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_open is not null) return WaitAsync(_open.Task, cancellationToken);
            _inside++;
            return default;
        }
    }

    public void Exit()
    {
        lock (_lock)
        {
            if (--_inside == 0) _empty?.TrySetResult();
        }
    }

    /// <summary>Holds new calls back, and waits until those inside have ended.</summary>
    /// <exception cref="OperationCanceledException">They did not in time; new ones are held back all the same, until <see cref="Open"/>.</exception>
    public Task CloseAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _open ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_inside == 0) return Task.CompletedTask;
            _empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _empty.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Lets calls in again.</summary>
    public void Open()
    {
        lock (_lock)
        {
            _open?.TrySetResult();
            _open = null;
        }
    }

    private async ValueTask WaitAsync(Task open, CancellationToken cancellationToken)
    {
        await open.WaitAsync(cancellationToken);
        await EnterAsync(cancellationToken);
    }
}
