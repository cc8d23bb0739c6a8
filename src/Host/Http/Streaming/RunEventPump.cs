using PluginHost.Engine.Errors;

namespace PluginHost.Http.Streaming;

/// <summary>Streams the events of a run: reads each, maps it, and sends what it becomes in one flush. Shows that the connection is alive while the run is silent.</summary>
internal sealed class RunEventPump(EventReader reader, IRunEventMapper mapper, IEventWriter writer)
{
    /// <param name="after">The number of the last event that the caller has; -1 for none.</param>
    /// <param name="cancellationToken">Cancelled when the connection is lost.</param>
    /// <returns>Why the run failed, when it failed before anything was sent; otherwise null.</returns>
    public async Task<Problem?> PumpAsync(long after, CancellationToken cancellationToken)
    {
        // Once for the stream.
        var showLife = new Func<Task>(() => ShowLifeAsync(after, cancellationToken));
        while (await reader.MoveNextAsync(showLife))
        {
            var any = false;
            var mapped = mapper.Map(reader.Current);
            for (var i = 0; i < mapped.Count; i++)
            {
                if (mapped[i].Number <= after) continue;
                if (mapped[i].Failure is { } failure && !writer.HasBegun) return failure;
                writer.Append(mapped[i]);
                any = true;
            }

            if (any) await writer.FlushAsync(cancellationToken);
        }

        return null;
    }

    private async Task ShowLifeAsync(long after, CancellationToken cancellationToken)
    {
        foreach (var held in mapper.Release())
        {
            if (held.Number > after) writer.Append(held);
        }

        await writer.ShowLifeAsync(cancellationToken);
    }
}
