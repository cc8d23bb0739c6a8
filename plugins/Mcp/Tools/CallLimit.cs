namespace PluginHost.Mcp.Tools;

/// <summary>The time of a call, which begins anew with each sign of progress. Thread-safe.</summary>
internal sealed class CallLimit : IDisposable
{
    private readonly TimeSpan _time;
    private readonly CancellationTokenSource _over;
    private readonly CancellationTokenSource _either;

    public CallLimit(TimeSpan time, TimeProvider clock, CancellationToken cancellationToken)
    {
        _time = time;
        _over = new CancellationTokenSource(time, clock);
        _either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _over.Token);
    }

    /// <summary>Cancelled with the call, or when its time is over.</summary>
    public CancellationToken Token => _either.Token;

    public bool IsOver => _over.IsCancellationRequested;

    public void Renew()
    {
        try
        {
            _over.CancelAfter(_time);
        }
        catch (ObjectDisposedException)
        {
            // A report came after the end of the call.
        }
    }

    public void Dispose()
    {
        _either.Dispose();
        _over.Dispose();
    }
}
