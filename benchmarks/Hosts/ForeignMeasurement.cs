using System.Diagnostics;

namespace PluginHost.Benchmarks.Hosts;

/// <summary>Sends runs of one session through the host that has it and through another one, in turns.</summary>
internal static class ForeignMeasurement
{
    private const int WarmUp = 500;

    public static async Task RunAsync(HostGroup group, HostsOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var (owner, other) = (group.Connect(await group.StartAsync("owner", cancellationToken)), group.Connect(await group.StartAsync("other", cancellationToken)));
        var (own, foreign) = (new List<double>(), new List<double>());
        for (var i = -WarmUp; i < options.Requests; i++)
        {
            var (ownTime, foreignTime) = (await SendAsync(owner, cancellationToken), await SendAsync(other, cancellationToken));
            if (i < 0) continue;
            own.Add(ownTime);
            foreign.Add(foreignTime);
        }

        var more = own.Zip(foreign, static (a, b) => b - a);
        await output.WriteLineAsync("| a run through | median, ms | p99, ms |\n|---|--:|--:|");
        await output.WriteLineAsync($"| the host that has the session | {Statistics.Median(own):0.00} | {Statistics.Quantile(own, 0.99):0.00} |");
        await output.WriteLineAsync($"| another host | {Statistics.Median(foreign):0.00} | {Statistics.Quantile(foreign, 0.99):0.00} |");
        await output.WriteLineAsync($"| more, of each pair | {Statistics.Median(more):0.00} | |\n");
    }

    private static async Task<double> SendAsync(HttpClient client, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        await HostGroup.RunAsync(client, "ada", cancellationToken);
        return Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
    }
}
