namespace PluginHost.Cli.Remote;

/// <summary>Handles ctrl-C: the first one during a run cancels the run, any other ends the process. Thread-safe.</summary>
internal sealed class InterruptHandler : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _run;

    /// <summary>Starts a run.</summary>
    /// <returns>A token that the first ctrl-C cancels. Valid until <see cref="EndRun"/>.</returns>
    public CancellationToken BeginRun()
    {
        lock (_lock)
        {
            _run?.Dispose();
            _run = new CancellationTokenSource();
            return _run.Token;
        }
    }

    public void EndRun()
    {
        lock (_lock)
        {
            _run?.Dispose();
            _run = null;
        }
    }

    /// <summary>Handles one ctrl-C.</summary>
    /// <returns>False when the process should end.</returns>
    public bool Interrupt()
    {
        lock (_lock)
        {
            if (_run is null || _run.IsCancellationRequested) return false;
            // Hold the lock, so that EndRun cannot dispose the source. CancelAsync runs callbacks on another thread.
            _ = _run.CancelAsync();
            return true;
        }
    }

    public void OnCancelKey(object? sender, ConsoleCancelEventArgs e) => e.Cancel = Interrupt();

    public void Dispose() => EndRun();
}
