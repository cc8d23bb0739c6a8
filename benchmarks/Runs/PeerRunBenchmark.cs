using BenchmarkDotNet.Attributes;

namespace PluginHost.Benchmarks.Runs;

/// <summary>Measures a run of the peer. Each session is used once, so that the length of the history stays the same.</summary>
[MemoryDiagnoser]
public class PeerRunBenchmark
{
    private const int Sessions = 100;
    private PeerRun _peer = null!;

    [Params(10, 100, 1_000, 10_000)]
    public int History { get; set; }

    [Params(false, true)]
    public bool Streamed { get; set; }

    [IterationSetup]
    public void Prepare()
    {
        _peer = new(Streamed);
        _peer.PrepareAsync(History, Sessions).GetAwaiter().GetResult();
    }

    [Benchmark(OperationsPerInvoke = Sessions)]
    public async Task Run()
    {
        for (var i = 0; i < Sessions; i++) await _peer.RunAsync(i);
    }
}
