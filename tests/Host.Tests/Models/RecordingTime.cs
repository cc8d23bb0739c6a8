using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace PluginHost.Tests.Models;

/// <summary>A clock that moves only by hand, and reports when a wait begins.</summary>
internal sealed class RecordingTime : FakeTimeProvider
{
    private readonly ConcurrentDictionary<TimeSpan, TaskCompletionSource> _waits = new();
    private readonly TaskCompletionSource _short = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _retries = new(0);

    /// <summary>Completes when a timer of exactly this time was started, now or before.</summary>
    public Task WaitOf(TimeSpan time) => Source(time).Task.WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>Completes when a retry is waited for: its time has jitter, and is below that of any timeout used here.</summary>
    public Task AnyRetryWait() => _short.Task.WaitAsync(TimeSpan.FromSeconds(30));

    /// <summary>Completes when the next retry is waited for.</summary>
    public Task NextRetryWait() => _retries.WaitAsync(TimeSpan.FromSeconds(30));

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new RecordedTimer(this, base.CreateTimer(callback, state, dueTime, period));
        Record(dueTime);
        return timer;
    }

    private void Record(TimeSpan time)
    {
        Source(time).TrySetResult();
        if (time <= TimeSpan.Zero || time >= TimeSpan.FromSeconds(20)) return;
        _short.TrySetResult();
        _retries.Release();
    }

    private TaskCompletionSource Source(TimeSpan time) =>
        _waits.GetOrAdd(time, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private sealed class RecordedTimer(RecordingTime owner, ITimer inner) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var changed = inner.Change(dueTime, period);
            owner.Record(dueTime);
            return changed;
        }

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
