using System.Diagnostics;
using System.Threading.Channels;

namespace PluginHost.Sqlite;

/// <summary>The requests that wait for the writer. Any thread may add requests; only the writer's thread takes them.</summary>
internal sealed class RequestQueue
{
    private const int BatchSize = 256;

    private static readonly TimeSpan MaxCollectTime = TimeSpan.FromMilliseconds(1);

    private readonly Channel<WriteRequest> _channel = Channel.CreateUnbounded<WriteRequest>(
        // The writer's thread blocks on the channel: a synchronous continuation wakes it without the thread pool.
        new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });

    private readonly List<WriteRequest> _batch = new(BatchSize);
    private TimeSpan _collectTime;
    private int _expected;

    /// <returns>False after <see cref="Complete"/>.</returns>
    public bool TryAdd(WriteRequest request) => _channel.Writer.TryWrite(request);

    /// <summary>Closes the queue for new requests.</summary>
    public void Complete() => _channel.Writer.TryComplete();

    /// <summary>Blocks until a request arrives.</summary>
    /// <returns>False when the queue is closed and empty.</returns>
    public bool Wait() => _channel.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>
    /// Takes the waiting requests. When recent commits were shared, their callers are likely to send the next request soon, so it
    /// waits a fraction of the duration of a commit for them.
    /// </summary>
    /// <returns>The requests, valid until the next call; empty when all were cancelled.</returns>
    public List<WriteRequest> TakeBatch()
    {
        _batch.Clear();
        Drain();
        var started = Stopwatch.GetTimestamp();
        while (_batch.Count < _expected && Stopwatch.GetElapsedTime(started) < _collectTime)
        {
            Thread.Yield();
            Drain();
        }

        _expected = Math.Max(_batch.Count, _expected * 3 / 4);
        return _batch;
    }

    /// <summary>Sets the collect time from the duration of the last commit.</summary>
    public void RecordCommit(TimeSpan duration) => _collectTime = duration / 2 < MaxCollectTime ? duration / 2 : MaxCollectTime;

    private void Drain()
    {
        while (_batch.Count < BatchSize && _channel.Reader.TryRead(out var request))
        {
            if (request.TryStart()) _batch.Add(request);
        }
    }
}
