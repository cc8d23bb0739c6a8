using System.Diagnostics;
using System.Threading.Channels;

namespace PluginHost.Sqlite;

/// <summary>What waits for the writer. Any thread may add; the writer's thread takes.</summary>
internal sealed class RequestQueue
{
    private const int BatchSize = 256;

    private static readonly TimeSpan LongestMoment = TimeSpan.FromMilliseconds(1);

    private readonly Channel<WriteRequest> _channel = Channel.CreateUnbounded<WriteRequest>(
        // The writer's thread blocks on the channel: waking it from the caller's thread saves the detour over the pool.
        new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });

    private readonly List<WriteRequest> _batch = new(BatchSize);
    private TimeSpan _moment;
    private int _expected;

    /// <returns>Whether the queue still takes requests.</returns>
    public bool TryAdd(WriteRequest request) => _channel.Writer.TryWrite(request);

    /// <summary>Takes no more requests.</summary>
    public void Complete() => _channel.Writer.TryComplete();

    /// <summary>Blocks until something waits.</summary>
    /// <returns>False when nothing will come any more.</returns>
    public bool Wait() => _channel.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult();

    /// <summary>
    /// Takes what waits. When commits were shared just now, the callers that were told of the last one are about to come again:
    /// a moment's patience, short beside the commit, lets them share the next one too.
    /// </summary>
    /// <returns>The requests, valid until the next call; none when all were withdrawn.</returns>
    public List<WriteRequest> Take()
    {
        _batch.Clear();
        Drain();
        var began = Stopwatch.GetTimestamp();
        while (_batch.Count < _expected && Stopwatch.GetElapsedTime(began) < _moment)
        {
            Thread.Yield();
            Drain();
        }

        _expected = Math.Max(_batch.Count, _expected * 3 / 4);
        return _batch;
    }

    /// <summary>Tells how long the last commit took.</summary>
    public void Committed(TimeSpan duration) => _moment = duration / 2 < LongestMoment ? duration / 2 : LongestMoment;

    private void Drain()
    {
        while (_batch.Count < BatchSize && _channel.Reader.TryRead(out var request))
        {
            if (request.TryTake()) _batch.Add(request);
        }
    }
}
