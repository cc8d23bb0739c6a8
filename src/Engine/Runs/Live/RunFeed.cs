using Microsoft.Extensions.AI;
using PluginHost.Sdk;

namespace PluginHost.Engine.Runs.Live;

/// <summary>What happens in a run, in order, for those who watch it.</summary>
internal abstract record RunEvent
{
    private RunEvent()
    {
    }

    /// <summary>Rises by one with each event of a run, from 1.</summary>
    public required long Id { get; init; }

    /// <summary>The run has begun: always the first event.</summary>
    public sealed record Started(RunRecord Run) : RunEvent;

    /// <summary>A piece of output, as delivered to the caller.</summary>
    public sealed record Updated(ChatResponseUpdate Update) : RunEvent;

    /// <summary>The run has ended and is stored: always the last event. The status tells how.</summary>
    public sealed record Ended(RunRecord Run) : RunEvent;
}

/// <summary>The events of one run: kept from the first, so that any number of readers may come at any time. Thread-safe.</summary>
internal sealed class RunFeed
{
    private readonly Lock _lock = new();

    // Null when they are made of the output again for the next reader.
    private List<ChatResponseUpdate>? _updates = [];
    private bool _isRead;
    private RunRecord? _started;
    private RunRecord? _ended;
    private bool _isLeft;
    private RunFeedReader? _waiting;
    private List<RunFeedReader>? _others;

    private bool HasEnded => _ended is not null || _isLeft;

    public void Begin(RunRecord run) => Change(run, static (feed, started) => feed._started = started);

    public void Add(ChatResponseUpdate update) => Change(update, static (feed, added) => feed.Known().Add(added));

    /// <summary>A run that ends without having begun has ended all the same.</summary>
    public void End(RunRecord run) => Change(run, static (feed, ended) => (feed._started, feed._ended) = (feed._started ?? ended, ended));

    /// <summary>The updates so far.</summary>
    public IReadOnlyList<ChatResponseUpdate> Updates
    {
        get
        {
            lock (_lock) return [.. Known()];
        }
    }

    /// <summary>There are no more events in this process.</summary>
    public void Leave() => Change(true, static (feed, left) => feed._isLeft = left);

    /// <summary>The events after <paramref name="afterId"/>, those of the past first, to the last one.</summary>
    public RunFeedReader ReadAsync(long afterId, CancellationToken cancellationToken)
    {
        lock (_lock) _isRead = true;
        return new(this, afterId, cancellationToken);
    }

    /// <summary>Drops the updates of a complete run that no reader has asked for: later readers get its output in larger pieces.</summary>
    public void DropUnread()
    {
        lock (_lock)
        {
            if (!_isRead && _ended is { Status: RunStatus.Completed, Output.Count: > 0 }) _updates = null;
        }
    }

    /// <summary>About how many bytes of memory the updates take.</summary>
    public long Measure()
    {
        lock (_lock)
        {
            long size = 0;
            foreach (var update in _updates ?? []) size += RunMemory.Measure(update);
            return size;
        }
    }

    /// <summary>Finds an event.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="found">The event; null when the feed ends before it.</param>
    /// <returns>False when the event has yet to come.</returns>
    public bool TryGet(long id, out RunEvent? found)
    {
        lock (_lock)
        {
            found = null;
            if (id == 1 && _started is not null) found = new RunEvent.Started(_started) { Id = id };
            else if (id > 1 && id - 2 < Known().Count) found = new RunEvent.Updated(Known()[(int)(id - 2)]) { Id = id };
            else if (_ended is not null && id - 2 == Known().Count) found = new RunEvent.Ended(_ended) { Id = id };
            return found is not null || HasEnded;
        }
    }

    /// <summary>Wakes a reader when an event is there, or none comes any more.</summary>
    public void Await(RunFeedReader reader, long id)
    {
        lock (_lock)
        {
            var isThere = HasEnded || (id == 1 ? _started is not null : id - 2 < Known().Count);
            if (!isThere)
            {
                if (_waiting is null) _waiting = reader;
                else (_others ??= []).Add(reader);
                return;
            }
        }

        reader.Wake();
    }

    /// <summary>Forgets a reader that does not wait any more: a run may be silent for long, and have many readers that come and go.</summary>
    public void Forget(RunFeedReader reader)
    {
        lock (_lock)
        {
            if (_waiting == reader) _waiting = null;
            else _others?.Remove(reader);
        }
    }

    /// <summary>Under the lock.</summary>
    private List<ChatResponseUpdate> Known() => _updates ??= [.. new ChatResponse([.. _ended!.Output]).ToChatResponseUpdates()];

    private void Change<T>(T value, Action<RunFeed, T> change)
    {
        RunFeedReader? waiting;
        List<RunFeedReader>? others;
        lock (_lock)
        {
            change(this, value);
            (waiting, others, _waiting, _others) = (_waiting, _others, null, null);
        }

        // Outside the lock: they continue on this thread.
        waiting?.Wake();
        if (others is null) return;
        foreach (var reader in others) reader.Wake();
    }
}
