using PluginHost.Engine.Chains;
using PluginHost.Engine.Sessions.Store;

namespace PluginHost.Engine.Runs.Execution;

/// <summary>A run's turn on its session. Disposing it lets the next run in, and releases what the run reserved.</summary>
/// <param name="gate">The gate to leave; null for a run without a session.</param>
/// <param name="run">The run.</param>
/// <param name="queued">How long the run waited for others; null when it did not.</param>
internal readonly struct SessionTurn(SessionGate? gate, RunContext run, TimeSpan? queued) : IDisposable
{
    public TimeSpan? Queued { get; } = queued;

    public void Dispose()
    {
        run.ReleaseSession();
        gate?.Exit(run.Record.Session);
    }
}
