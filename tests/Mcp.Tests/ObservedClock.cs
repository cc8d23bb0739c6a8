using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace PluginHost.Mcp.Tests;

/// <summary>A clock that tests move, and that says which timers wait on it.</summary>
internal sealed class ObservedClock : FakeTimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _timers = new();

    /// <summary>The times of all timers that were started, in order.</summary>
    public IReadOnlyList<TimeSpan> Timers => [.. _timers];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        _timers.Enqueue(dueTime);
        return timer;
    }
}
