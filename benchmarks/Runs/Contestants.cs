namespace PluginHost.Benchmarks.Runs;

/// <summary>The contestants of the command <c>ratio</c>. All are compared with the first one.</summary>
public static class Contestants
{
    public static IReadOnlyList<int> HistoryLengths { get; } = [10, 100, 1_000, 10_000];

    /// <summary>A run that loads all messages, by count and within what its model takes.</summary>
    public static IReadOnlyList<IRunContestant> CreateForTokens(int messages) =>
        [new HostRun(plugins: 0, window: messages), new HostRun(plugins: 0, window: messages, contextTokens: 100_000_000)];

    public static IReadOnlyList<IRunContestant> Create() =>
    [
        new PeerRun(streamed: false),
        new PeerRun(streamed: true),
        new HostRun(plugins: 0),
        new HostRun(plugins: 3),
        new HostRun(plugins: 10),
        new HostRun(plugins: 3, streamed: true),
        new HostRun(plugins: 3, observed: true),
    ];
}
