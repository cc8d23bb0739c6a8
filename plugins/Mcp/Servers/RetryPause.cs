namespace PluginHost.Mcp.Servers;

/// <summary>The pause between two tries: 1, 2, 4 … up to 60 seconds. Not thread-safe.</summary>
internal sealed class RetryPause
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private TimeSpan _next = First;

    /// <summary>Takes the pause before the next try; the one after it is twice as long.</summary>
    public TimeSpan Take()
    {
        var pause = _next;
        _next = pause * 2 < Longest ? pause * 2 : Longest;
        return pause;
    }

    public void Reset() => _next = First;
}
