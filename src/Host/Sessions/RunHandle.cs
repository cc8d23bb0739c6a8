using PluginHost.Sdk;

namespace PluginHost.Sessions;

/// <summary>A run that was accepted: queued, running or ended. Thread-safe.</summary>
public sealed class RunHandle
{
    /// <summary>The run as it is now.</summary>
    public RunRecord Record => throw new NotImplementedException();

    /// <summary>The session's version after the run was saved; 0 before.</summary>
    public Task<RunRecord> Completion => throw new NotImplementedException();

    /// <summary>
    /// The run's events after <paramref name="afterId"/> (0 for all), those of the past first, to the last one. Cancelling the
    /// token stops the reading, not the run.
    /// </summary>
    public IAsyncEnumerable<RunEvent> ReadEventsAsync(long afterId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Asks the run to stop; it ends as cancelled unless it ended before.</summary>
    public void Cancel() => throw new NotImplementedException();

    /// <summary>The caller's connection was lost: cancels the run when so configured.</summary>
    public void Abandon() => throw new NotImplementedException();
}
