using System.Diagnostics;

namespace PluginHost.Benchmarks.Hosts;

/// <summary>Sends runs of 20 callers on one session with a long history, through two hosts.</summary>
internal static class SharedSessionMeasurement
{
    private const int Callers = 20;
    private const int Messages = 10_000;

    public static async Task RunAsync(HostGroup group, HostsOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        HttpClient[] clients = [group.Connect(await group.StartAsync("first", cancellationToken)), group.Connect(await group.StartAsync("second", cancellationToken))];
        await LongSession.ImportAsync(clients[0], "long", Messages, cancellationToken);
        await HostGroup.RunAsync(clients[0], "long", cancellationToken);

        // Cold hosts take most of the processor for the just-in-time compiler.
        await LoadAsync(clients, 3 * options.Seconds, cancellationToken);
        var begin = Stopwatch.GetTimestamp();
        var times = await LoadAsync(clients, options.Seconds, cancellationToken);
        // The last runs end after the time.
        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        await output.WriteLineAsync(
            $"{Callers} callers on one session of {Messages} messages, half of them through another host: {times.Count / seconds:0} runs a second, one after the other; "
            + $"from sending to the answer, with the wait for those before: median {Statistics.Median(times):0.0} ms, p99 {Statistics.Quantile(times, 0.99):0.0} ms.\n");
    }

    /// <returns>How long each run took, in milliseconds.</returns>
    private static async Task<List<double>> LoadAsync(HttpClient[] clients, int seconds, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        return (await Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            var own = new List<double>();
            while (Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds)
            {
                var sent = Stopwatch.GetTimestamp();
                await HostGroup.RunAsync(clients[caller % clients.Length], "long", cancellationToken);
                own.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }

            return own;
        }))).SelectMany(static t => t).ToList();
    }
}
