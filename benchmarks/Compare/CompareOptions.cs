namespace PluginHost.Benchmarks.Compare;

/// <summary>The lengths of a comparison.</summary>
/// <param name="HostAssembly">The host's pluginhost.dll.</param>
/// <param name="Seconds">The duration of a turn.</param>
/// <param name="Rounds">The number of turns of each contestant.</param>
/// <param name="WarmUp">The duration of the turns of each contestant that are not counted, in seconds.</param>
/// <param name="Streams">The number of streams that are open at once.</param>
/// <param name="RampSeconds">For how long the load lasts under which a new process becomes fast.</param>
/// <param name="RestSeconds">For how long a new process rests before its memory is read.</param>
/// <param name="Sessions">The number of sessions that are listed.</param>
/// <param name="Deleted">The number of sessions that are deleted in a turn.</param>
/// <param name="BackedUpRuns">The number of runs in the file that is backed up.</param>
internal sealed record CompareOptions(
    string HostAssembly, int Seconds, int Rounds, int WarmUp, int Streams, int RampSeconds = 30, int RestSeconds = 3, int Sessions = 100_000, int Deleted = 2_000, int BackedUpRuns = 200_000)
{
    /// <summary>Lengths for a check that everything works.</summary>
    public CompareOptions Shorten() => this with { Seconds = 2, Rounds = 1, WarmUp = 1, RampSeconds = 5, RestSeconds = 1, Sessions = 6_400, Deleted = 200, BackedUpRuns = 6_400 };
}
