using PluginHost.Engine.Observation;
using PluginHost.Http.Streaming;

namespace PluginHost.Native;

/// <summary>Streams the events of the host to one client, until it leaves, reads too slowly, or the host stops. Has no timer: all streams share one.</summary>
/// <param name="events">The events.</param>
/// <param name="isVisible">Whether the client may and wants to see an event.</param>
/// <param name="isAllowed">Whether the client's key is still valid.</param>
/// <param name="writer">Writes to the client.</param>
internal sealed class HostEventStream(HostEvents events, Func<HostEvent, bool> isVisible, Func<bool> isAllowed, SseWriter writer)
{
    private const int BatchSize = 100;

    private readonly List<HostEvent> _batch = [];
    private long _place;

    /// <param name="after">The id of the last event that the client has; null to begin now.</param>
    /// <param name="cancellationToken">Cancelled when the connection is lost.</param>
    public async Task WriteAsync(long? after, CancellationToken cancellationToken)
    {
        using var follower = events.Follow();
        _place = after ?? events.Newest;
        // The head tells the client that it follows: what it reads from now on, it can keep up to date.
        await writer.ShowLifeAsync(cancellationToken);
        var ticks = events.Ticks;
        for (var isFirst = true; await WriteBatchAsync(isFirst, cancellationToken); isFirst = false)
        {
            if (_batch.Count > 0) continue;
            if (events.IsClosed) return;
            await events.WaitAsync(_place, ticks).WaitAsync(cancellationToken);
            if (ticks == events.Ticks) continue;
            ticks = events.Ticks;
            if (!isAllowed()) return;
            await writer.ShowLifeAsync(cancellationToken);
        }
    }

    /// <returns>Whether the stream continues.</returns>
    private async ValueTask<bool> WriteBatchAsync(bool isFirst, CancellationToken cancellationToken)
    {
        _batch.Clear();
        if (events.Read(_place, _batch, BatchSize) is { } lost)
        {
            writer.Append(isFirst ? HostEventMapper.Gap(lost) : HostEventMapper.Dropped(lost));
            await writer.FlushAsync(cancellationToken);
            _place = lost;
            if (!isFirst) return false;
        }

        if (_batch.Count == 0) return true;
        _place = _batch[^1].Id;
        var any = false;
        foreach (var happened in _batch.Where(isVisible))
        {
            writer.Append(HostEventMapper.Map(happened));
            any = true;
        }

        if (any) await writer.FlushAsync(cancellationToken);
        return true;
    }
}
