using PluginHost.Sdk;

namespace PluginHost.Sessions;

/// <summary>Accepts runs and carries them to their outcome. Thread-safe.</summary>
public sealed class RunEngine
{
    /// <summary>
    /// Accepts a run: checks it, gives it an id and queues it on its session. Returns as soon as it is accepted. Never waits
    /// for the model.
    /// </summary>
    /// <exception cref="ProblemException">The run was refused; nothing was stored.</exception>
    public ValueTask<RunHandle> StartAsync(RunCommand command, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>A run that is queued or running, or ended a short while ago; null when it is none of these.</summary>
    public RunHandle? FindLive(SessionKey session, string runId) => throw new NotImplementedException();

    /// <exception cref="ProblemException">404.</exception>
    public ValueTask<RunRecord> GetRunAsync(SessionKey session, string runId, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <exception cref="ProblemException">404.</exception>
    public ValueTask<Page<RunRecord>> ListRunsAsync(RunQuery query, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Cancels a run and returns it when it has ended; a run that has ended already is returned as it is.</summary>
    /// <exception cref="ProblemException">404.</exception>
    public ValueTask<RunRecord> CancelAsync(SessionKey session, string runId, CancellationToken cancellationToken) => throw new NotImplementedException();
}
