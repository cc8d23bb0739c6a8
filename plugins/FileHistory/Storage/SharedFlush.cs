using System.Runtime.ExceptionServices;

namespace PluginHost.Files.Storage;

/// <summary>A flush that all who wait for it share. Thread-safe.</summary>
/// <param name="flush">Flushes.</param>
internal sealed class SharedFlush(Action flush)
{
    private readonly Lock _flushing = new();
    private readonly Lock _lock = new();
    private Round? _next;

    /// <summary>How many wait for the next flush.</summary>
    public int Waiting
    {
        get { lock (_lock) return _next?.Count ?? 0; }
    }

    /// <summary>Returns when a flush has ended that began after this call. Blocks the thread.</summary>
    public void Run()
    {
        Round round;
        lock (_lock)
        {
            round = _next ??= new Round();
            round.Count++;
        }

        lock (_flushing)
        {
            if (!round.HasEnded) Flush(round);
        }

        if (round.Error is { } error) ExceptionDispatchInfo.Throw(error);
    }

    private void Flush(Round round)
    {
        // What comes from here on may have written too late for this flush.
        lock (_lock) _next = null;
        try
        {
            flush();
        }
        catch (Exception e)
        {
            round.Error = e;
        }

        round.HasEnded = true;
    }

    /// <summary>Those who share a flush.</summary>
    private sealed class Round
    {
        public int Count { get; set; }

        public bool HasEnded { get; set; }

        public Exception? Error { get; set; }
    }
}
