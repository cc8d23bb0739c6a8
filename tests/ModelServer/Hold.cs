namespace PluginHost.ModelServer;

/// <summary>A point at which the server waits until the test releases it. Waits are limited to 30 seconds.</summary>
public sealed class Hold
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the server waits here.</summary>
    public Task Reached => _reached.Task.WaitAsync(TimeLimit);

    /// <summary>Completes when the client disconnects while the server waits here.</summary>
    public Task Abandoned => _abandoned.Task.WaitAsync(TimeLimit);

    public void Release() => _released.TrySetResult();

    internal async Task WaitAsync(CancellationToken aborted)
    {
        _reached.TrySetResult();
        try
        {
            await _released.Task.WaitAsync(TimeLimit, aborted);
        }
        catch (OperationCanceledException)
        {
            _abandoned.TrySetResult();
            throw;
        }
    }
}
