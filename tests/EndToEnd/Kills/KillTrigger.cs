namespace PluginHost.EndToEnd.Kills;

/// <summary>Where a host can be when it is killed.</summary>
internal enum KillPoint
{
    /// <summary>It has begun to serve, and continues what the last process left.</summary>
    HostServes,

    /// <summary>The model has a request and has not answered.</summary>
    ModelAsked,

    /// <summary>The model has sent a part of its answer.</summary>
    ModelSpoke,

    /// <summary>A tool has acted and has not answered.</summary>
    ToolActed,

    /// <summary>A caller has received an event.</summary>
    EventReceived,

    /// <summary>A caller has received the answer to a request.</summary>
    RequestAnswered,
}

/// <summary>Completes when a point was reached a number of times. Thread-safe.</summary>
internal sealed class KillTrigger
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly KillPoint _point;
    private int _left;

    public KillTrigger(KillPoint point, int count) => (_point, _left) = (point, count);

    public Task Reached => _reached.Task;

    public static KillTrigger Create(Random random)
    {
        var point = random.GetItems(Enum.GetValues<KillPoint>(), 1)[0];
        return new KillTrigger(point, point switch
        {
            KillPoint.HostServes => 1,
            KillPoint.ModelSpoke => random.Next(1, 400),
            KillPoint.EventReceived => random.Next(1, 300),
            _ => random.Next(1, 40),
        });
    }

    public void Hit(KillPoint point)
    {
        if (point == _point && Interlocked.Decrement(ref _left) == 0) _reached.SetResult();
    }

    public override string ToString() => $"{_point}, {Volatile.Read(ref _left)} left";
}
