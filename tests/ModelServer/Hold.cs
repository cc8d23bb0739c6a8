namespace PluginHost.ModelServer;

/// <summary>A place where the server stops until the test lets it go on. Waits are bounded.</summary>
public sealed class Hold
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the server stands here.</summary>
    public Task Reached => _reached.Task.WaitAsync(Patience);

    /// <summary>Completes when the client has gone while the server stood here.</summary>
    public Task Abandoned => _abandoned.Task.WaitAsync(Patience);

    public void Release() => _released.TrySetResult();

    internal async Task WaitAsync(CancellationToken aborted)
    {
        _reached.TrySetResult();
        try
        {
            await _released.Task.WaitAsync(Patience, aborted);
        }
        catch (OperationCanceledException)
        {
            _abandoned.TrySetResult();
            throw;
        }
    }
}
