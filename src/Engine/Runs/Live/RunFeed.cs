using System.Runtime.CompilerServices;
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
    private readonly List<ChatResponseUpdate> _updates = [];
    private RunRecord? _started;
    private RunRecord? _ended;
    private bool _isLeft;
    private TaskCompletionSource? _changed;

    public void Begin(RunRecord run) => Change(run, static (feed, started) => feed._started = started);

    public void Add(ChatResponseUpdate update) => Change(update, static (feed, added) => feed._updates.Add(added));

    /// <summary>A run that ends without having begun has ended all the same.</summary>
    public void End(RunRecord run) => Change(run, static (feed, ended) => (feed._started, feed._ended) = (feed._started ?? ended, ended));

    /// <summary>The updates so far.</summary>
    public IReadOnlyList<ChatResponseUpdate> Updates
    {
        get
        {
            lock (_lock) return [.. _updates];
        }
    }

    /// <summary>There are no more events in this process.</summary>
    public void Leave() => Change(true, static (feed, left) => feed._isLeft = left);

    public async IAsyncEnumerable<RunEvent> ReadAsync(long afterId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var id = Math.Max(0, afterId) + 1; ; id++)
        {
            RunEvent? next;
            while (!TryGet(id, out next, out var changed)) await changed.WaitAsync(cancellationToken);
            if (next is null) yield break;
            yield return next;
            if (next is RunEvent.Ended) yield break;
        }
    }

    /// <summary>About how many bytes of memory the updates take.</summary>
    public long Measure()
    {
        lock (_lock)
        {
            long size = 0;
            foreach (var update in _updates) size += RunMemory.Measure(update);
            return size;
        }
    }

    /// <summary>The event with an id; null when the feed has ended before it.</summary>
    private bool TryGet(long id, out RunEvent? found, out Task changed)
    {
        changed = Task.CompletedTask;
        lock (_lock)
        {
            if (id == 1 && _started is not null)
            {
                found = new RunEvent.Started(_started) { Id = id };
                return true;
            }

            if (id > 1 && id - 2 < _updates.Count)
            {
                found = new RunEvent.Updated(_updates[(int)(id - 2)]) { Id = id };
                return true;
            }

            found = _ended is not null && id - 2 == _updates.Count ? new RunEvent.Ended(_ended) { Id = id } : null;
            if (_ended is not null || _isLeft) return true;
            _changed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            changed = _changed.Task;
            return false;
        }
    }

    private void Change<T>(T value, Action<RunFeed, T> change)
    {
        TaskCompletionSource? changed;
        lock (_lock)
        {
            change(this, value);
            (changed, _changed) = (_changed, null);
        }

        changed?.SetResult();
    }
}
