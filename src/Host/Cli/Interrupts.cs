namespace PluginHost.Cli;

/// <summary>What ctrl-C does: while a run is in progress the first one cancels it; any other leaves.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _run;

    /// <summary>A run begins.</summary>
    /// <returns>Cancelled by the first ctrl-C. Owned by this object until <see cref="EndRun"/>.</returns>
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

    /// <summary>Ctrl-C was pressed.</summary>
    /// <returns>Whether the process goes on.</returns>
    public bool Interrupt()
    {
        lock (_lock)
        {
            if (_run is null || _run.IsCancellationRequested) return false;
            // Inside the lock, so that the run cannot end and dispose it meanwhile; callbacks run elsewhere.
            _ = _run.CancelAsync();
            return true;
        }
    }

    public void OnCancelKey(object? sender, ConsoleCancelEventArgs e) => e.Cancel = Interrupt();

    public void Dispose() => EndRun();
}
