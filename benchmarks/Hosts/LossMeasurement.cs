using System.Diagnostics;

namespace PluginHost.Benchmarks.Hosts;

/// <summary>Kills and stops hosts, and measures how long it takes until another host has answered a run in each of their sessions.</summary>
internal static class LossMeasurement
{
    private const int Sessions = 32;

    public static async Task RunAsync(HostGroup group, HostsOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var client = group.Connect(await group.StartAsync("stays", cancellationToken));
        (string Name, Func<HostProcess, Task> Lose, List<double> Times)[] losses =
        [
            ("lost with its machine", static host => Task.Run(host.Suspend), []), ("killed", static host => Task.Run(host.Kill), []), ("stopped", static host => host.StopAsync(), []),
        ];
        for (var i = 0; i < options.Losses; i++)
        {
            for (var kind = 0; kind < losses.Length; kind++)
                losses[kind].Times.AddRange(await MeasureAsync(group, client, $"h{i}-{kind}", losses[kind].Lose, cancellationToken));
        }

        await output.WriteLineAsync("| sessions of a host that is | median until another host has answered, s | p99, s |\n|---|--:|--:|");
        foreach (var (name, _, times) in losses) await output.WriteLineAsync($"| {name} | {Statistics.Median(times):0.00} | {Statistics.Quantile(times, 0.99):0.00} |");
        await output.WriteLineAsync();
    }

    /// <returns>The seconds from the signal to each answer.</returns>
    private static async Task<double[]> MeasureAsync(HostGroup group, HttpClient client, string name, Func<HostProcess, Task> lose, CancellationToken cancellationToken)
    {
        var host = await group.StartAsync(name, cancellationToken);
        var own = group.Connect(host);
        for (var i = 0; i < Sessions; i++) await HostGroup.RunAsync(own, $"{name}-{i}", cancellationToken);
        var begin = Stopwatch.GetTimestamp();
        var losing = lose(host);
        var times = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(async i =>
        {
            await AskAsync(client, $"{name}-{i}", cancellationToken);
            return Stopwatch.GetElapsedTime(begin).TotalSeconds;
        }));
        await losing;
        return times;
    }

    // Retries as a caller does: a host that stops refuses requests until it has ended.
    private static async Task AskAsync(HttpClient client, string session, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/sessions/{session}/runs") { Content = JsonContent.Create(new { input = "Hello again" }) };
            request.Headers.Add("Idempotency-Key", session);
            using var response = await client.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode) return;
            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }
    }
}
