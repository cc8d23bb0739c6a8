using System.Diagnostics;
using PluginHost.Benchmarks.Http;

namespace PluginHost.Benchmarks.Compare;

/// <summary>
/// New processes: the time until the first answer of <c>/health/live</c> and until the first run is answered, and the memory at rest. The peer is compiled just in time, unless the
/// benchmarks were precompiled; the host is what <c>--host</c> names.
/// </summary>
internal static class StartRow
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5), TimeLimit = TimeSpan.FromSeconds(60);

    private readonly record struct Start(double FirstAnswer, double FirstRun, double Megabytes);

    public static async Task<IReadOnlyList<Comparison>> MeasureAsync(CompareOptions options, CancellationToken cancellationToken)
    {
        // The first round warms the disk's cache and the client.
        var turns = await Turns.TakeAsync<Start>(
            [
                () => MeasureAsync(options, (site, address) => site.StartHostAsync(HostForm.Sqlite, address, cancellationToken), cancellationToken),
                () => MeasureAsync(options, (site, address) => site.StartPeerAsync(ServeCommand.Bare, address, [], cancellationToken), cancellationToken),
            ],
            TimeSpan.FromMilliseconds(1),
            options.Rounds);
        const string work = "a start", peer = "bare ASP.NET with the OpenTelemetry SDK";
        return
        [
            Comparison.Of(work, "ms until the first 200", peer, turns[0], turns[1], t => t.FirstAnswer, Target.RatioOfAtMost(1.3)),
            Comparison.Of(work, "ms until the first run is answered", peer, turns[0], turns[1], t => t.FirstRun, Target.RatioOfAtMost(1.3)),
            Comparison.Of(work, "MB at rest", peer, turns[0], turns[1], t => t.Megabytes, Target.ValueOfAtMost(95)),
        ];
    }

    private static async Task<Start> MeasureAsync(CompareOptions options, Func<CompareSite, string, Task<ServerProcess>> start, CancellationToken cancellationToken)
    {
        await using var site = new CompareSite(options);
        var address = $"http://127.0.0.1:{HostProcess.FindPort()}";
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(address), Timeout = TimeLimit };
        var clock = Stopwatch.StartNew();
        var starting = start(site, address);
        while (!await IsLiveAsync(client, cancellationToken))
        {
            if (starting.IsFaulted || clock.Elapsed > TimeLimit) await starting;
            await Task.Delay(Interval, cancellationToken);
        }

        var firstAnswer = clock.Elapsed;
        using (var response = await client.PostAsJsonAsync("/v1/sessions/first/runs", new { agent = "assistant", input = "Hello." }, cancellationToken))
            response.EnsureSuccessStatusCode();
        var firstRun = clock.Elapsed;
        var server = await starting;
        await Task.Delay(TimeSpan.FromSeconds(options.RestSeconds), cancellationToken);
        return new(firstAnswer.TotalMilliseconds, firstRun.TotalMilliseconds, server.Megabytes);
    }

    private static async Task<bool> IsLiveAsync(HttpClient client, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await client.GetAsync(new Uri("/health/live", UriKind.Relative), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
