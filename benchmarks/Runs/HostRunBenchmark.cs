using BenchmarkDotNet.Attributes;

namespace PluginHost.Benchmarks.Runs;

/// <summary>Measures a run of the engine. Each session is used once, so that the length of the history stays the same.</summary>
[MemoryDiagnoser]
public class HostRunBenchmark
{
    private const int Sessions = 100;
    private HostRun _host = null!;

    [Params(0, 3, 10)]
    public int Plugins { get; set; }

    [Params(10, 100, 1_000, 10_000)]
    public int History { get; set; }

    [Params(false, true)]
    public bool Streamed { get; set; }

    [Params(false, true)]
    public bool Traced { get; set; }

    [IterationSetup]
    public void Prepare()
    {
        _host = new(Plugins, Streamed, Traced);
        _host.PrepareAsync(History, Sessions).GetAwaiter().GetResult();
    }

    [IterationCleanup]
    public void CleanUp() => _host.DisposeAsync().AsTask().GetAwaiter().GetResult();

    [Benchmark(OperationsPerInvoke = Sessions)]
    public async Task Run()
    {
        for (var i = 0; i < Sessions; i++) await _host.RunAsync(i);
    }
}
