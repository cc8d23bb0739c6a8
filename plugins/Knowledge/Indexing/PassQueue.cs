namespace PluginHost.Knowledge.Indexing;

/// <summary>Schedules the passes over the folders of entries. Thread-safe.</summary>
internal sealed class PassQueue(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<KnowledgeSource, Schedule> _schedules = [];
    private TaskCompletionSource _changed = NewSignal();

    public IReadOnlyList<KnowledgeSource> Sources
    {
        get
        {
            lock (_lock) return [.. _schedules.Keys];
        }
    }

    public void Add(KnowledgeSource source)
    {
        lock (_lock)
        {
            _schedules.TryAdd(source, new Schedule { Due = time.GetUtcNow() });
            SignalChange();
        }
    }

    public void Remove(KnowledgeSource source)
    {
        lock (_lock)
        {
            if (!_schedules.Remove(source, out var schedule)) return;
            foreach (var waiter in schedule.Waiters) waiter.TrySetCanceled();
        }
    }

    /// <summary>Makes an entry due.</summary>
    /// <returns>Completes after a pass that began later than this call.</returns>
    public Task AskAsync(KnowledgeSource source)
    {
        lock (_lock)
        {
            var (schedule, waiter) = (_schedules[source], NewSignal());
            schedule.Due = time.GetUtcNow();
            schedule.Waiters.Add(waiter);
            SignalChange();
            return waiter.Task;
        }
    }

    public bool Has(KnowledgeSource source)
    {
        lock (_lock) return _schedules.ContainsKey(source);
    }

    /// <summary>Makes an entry whose pass is not done due again, behind those that are due already.</summary>
    public void Repeat(KnowledgeSource source)
    {
        lock (_lock)
        {
            if (_schedules.TryGetValue(source, out var schedule)) schedule.Due = time.GetUtcNow();
        }
    }

    /// <summary>Waits for the entry that is due.</summary>
    public async Task<DuePass> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            TimeSpan? pause = null;
            lock (_lock)
            {
                changed = _changed.Task;
                if (_schedules.Count > 0)
                {
                    var (source, schedule) = _schedules.MinBy(s => s.Value.Due);
                    pause = schedule.Due - time.GetUtcNow();
                    if (pause <= TimeSpan.Zero)
                    {
                        schedule.Due = DateTimeOffset.MaxValue;
                        var waiters = schedule.Waiters;
                        schedule.Waiters = [];
                        return new DuePass(source, waiters);
                    }
                }
            }

            await WaitAsync(changed, pause, cancellationToken);
        }
    }

    /// <summary>Notes that a pass has ended.</summary>
    public void Complete(DuePass pass)
    {
        lock (_lock)
        {
            if (_schedules.TryGetValue(pass.Source, out var schedule) && schedule.Due == DateTimeOffset.MaxValue) schedule.Due = time.GetUtcNow() + pass.Source.Interval;
        }

        foreach (var waiter in pass.Waiters) waiter.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task WaitAsync(Task changed, TimeSpan? pause, CancellationToken cancellationToken)
    {
        try
        {
            // An interval of a day is longer than some timers take.
            await changed.WaitAsync(pause is { } wait && wait < TimeSpan.FromDays(1) ? wait : TimeSpan.FromDays(1), time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Something is due.
        }
    }

    private void SignalChange()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.SetResult();
    }

    private sealed class Schedule
    {
        public DateTimeOffset Due { get; set; }

        public List<TaskCompletionSource> Waiters { get; set; } = [];
    }
}

/// <summary>A pass over the folders of an entry, and the callers that wait for it.</summary>
internal sealed record DuePass(KnowledgeSource Source, IReadOnlyList<TaskCompletionSource> Waiters);
