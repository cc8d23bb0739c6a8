namespace PluginHost.Benchmarks.Runs;

/// <summary>Something whose cost of one run is measured: the engine in one of its configurations, or the peer.</summary>
public interface IRunContestant : IAsyncDisposable
{
    /// <summary>For the table, for example <c>engine, 3 plugins</c>.</summary>
    string Name { get; }

    /// <summary>Makes sessions that each hold a history of this many messages. Not measured.</summary>
    Task PrepareAsync(int historyLength, int sessions);

    /// <summary>One run with one short input message on one of the prepared sessions. Measured; each session is used once.</summary>
    Task RunAsync(int session);
}
