using PluginHost.Engine.Runs.Live;

namespace PluginHost.Http.Streaming;

/// <summary>Reads the events of a run one by one, and calls back while the run is silent.</summary>
internal sealed class EventReader : IAsyncDisposable
{
    /// <summary>The time between two calls back. Clients and proxies close idle connections after 30 seconds at the earliest.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _reading;
    private readonly IAsyncEnumerator<RunEvent> _source;

    /// <param name="events">The run's events.</param>
    /// <param name="time">Measures silence.</param>
    /// <param name="cancellationToken">Cancelled when the connection is lost.</param>
    public EventReader(IAsyncEnumerable<RunEvent> events, TimeProvider time, CancellationToken cancellationToken)
    {
        _time = time;
        _reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _source = events.GetAsyncEnumerator(_reading.Token);
    }

    public RunEvent Current => _source.Current;

    /// <summary>Waits for the next event.</summary>
    /// <param name="onSilence">Called after every <see cref="Silence"/> without an event.</param>
    /// <returns>False when there are no more.</returns>
    public async ValueTask<bool> MoveNextAsync(Func<Task> onSilence)
    {
        var next = _source.MoveNextAsync();
        if (next.IsCompleted) return await next;
        var pending = next.AsTask();
        try
        {
            while (!await IsDoneAsync(pending)) await onSilence();
            return await pending;
        }
        catch
        {
            // An enumerator must not be disposed while it moves.
            await _reading.CancelAsync();
            await pending.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        _reading.Dispose();
    }

    private async Task<bool> IsDoneAsync(Task<bool> pending)
    {
        try
        {
            await pending.WaitAsync(Silence, _time);
            return true;
        }
        catch (TimeoutException) when (!pending.IsCompleted)
        {
            return false;
        }
    }
}
