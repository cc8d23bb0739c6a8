namespace PluginHost.Benchmarks.Runs;

/// <summary>A system whose cost per run is measured: one configuration of the engine, or the peer.</summary>
public interface IRunContestant : IAsyncDisposable
{
    /// <summary>The name in the result table, for example <c>host, 3 plugins</c>.</summary>
    string Name { get; }

    /// <summary>Creates sessions with <paramref name="historyLength"/> messages each. Not measured.</summary>
    Task PrepareAsync(int historyLength, int sessions);

    /// <summary>Executes one run with a short input on a prepared session. Measured. Each session is used once.</summary>
    Task RunAsync(int session);
}
