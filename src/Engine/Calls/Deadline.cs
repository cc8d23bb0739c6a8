namespace PluginHost.Engine.Calls;

/// <summary>A time budget that several steps share. Immutable.</summary>
internal sealed class Deadline(TimeProvider time, TimeSpan budget)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>What is left of the budget; never negative.</summary>
    public TimeSpan Remaining
    {
        get
        {
            var remaining = budget - time.GetElapsedTime(_start);
            return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
        }
    }
}
