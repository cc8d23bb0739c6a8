using PluginHost.Benchmarks.Runs;

namespace PluginHost.Benchmarks.Compare;

/// <summary>A run of the engine with three no-op plugins and of ChatClientAgent, in this process.</summary>
internal sealed class EngineRow
{
    private const int Plugins = 3;

    /// <summary>A turn is short, so one round has several.</summary>
    private const int TurnsPerRound = 3;

    private const double MostBytes = 4_000;

    private readonly string _work;
    private readonly int _messages;
    private readonly double _target;
    private readonly bool _streamed;
    private readonly Func<IRunContestant> _createHost;
    private readonly Func<IRunContestant> _createPeer;

    private EngineRow(string work, int messages, double target, bool streamed, Func<IRunContestant> createHost, Func<IRunContestant> createPeer) =>
        (_work, _messages, _target, _streamed, _createHost, _createPeer) = (work, messages, target, streamed, createHost, createPeer);

    /// <param name="messages">The number of messages of a session.</param>
    /// <param name="target">The highest accepted ratio of the time.</param>
    public static EngineRow Create(int messages, double target) => new(
        $"a run in process, {messages} messages", messages, target, streamed: false, static () => new HostRun(Plugins), static () => new PeerRun(streamed: false));

    /// <param name="messages">The number of messages of a session.</param>
    /// <param name="chunks">The number of chunks of the answer.</param>
    /// <param name="target">The highest accepted ratio of the time.</param>
    public static EngineRow CreateStreamed(int messages, int chunks, double target) => new(
        $"a streamed run in process, {chunks} chunks",
        messages,
        target,
        streamed: true,
        () => new HostRun(Plugins, streamed: true, chunks: chunks),
        () => new PeerRun(streamed: true, chunks));

    public async Task<IReadOnlyList<Comparison>> MeasureAsync(CompareOptions options, CancellationToken cancellationToken)
    {
        await using var host = _createHost();
        await using var peer = _createPeer();
        var turns = await Turns.TakeAsync(
            [.. new[] { host, peer }.Select(Func<Task<RunCost>> (contestant) => () =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                return RunCost.MeasureAsync(contestant, _messages);
            })],
            TimeSpan.FromSeconds(options.WarmUp),
            options.Rounds * TurnsPerRound);
        const string name = "ChatClientAgent";
        return
        [
            Comparison.Of(_work, "µs a run", name, turns[0], turns[1], t => t.Microseconds, Target.RatioOfAtMost(_target)),
            Comparison.Of(_work, "bytes a run", name, turns[0], turns[1], t => t.Bytes, _streamed ? null : Target.ValueOfAtMost(MostBytes)),
        ];
    }
}
