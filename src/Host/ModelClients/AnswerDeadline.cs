namespace PluginHost.ModelClients;

/// <summary>A token that is cancelled with the caller's token or after a settable time. Not thread-safe.</summary>
internal sealed class AnswerDeadline : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _caller;

    public AnswerDeadline(TimeProvider timeProvider, CancellationToken caller)
    {
        _source = new(Timeout.InfiniteTimeSpan, timeProvider);
        _caller = caller.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    public CancellationToken Token => _source.Token;

    public void Set(TimeSpan time) => _source.CancelAfter(time);

    public void Dispose()
    {
        _caller.Dispose();
        _source.Dispose();
    }
}
