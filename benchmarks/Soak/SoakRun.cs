using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace PluginHost.Benchmarks.Soak;

/// <summary>Runs many streams and other requests, overloads the host, restarts it and checks that every acknowledged run is stored.</summary>
internal sealed class SoakRun(SoakOptions options, TextWriter output)
{
    private readonly List<double> _memory = [];

    /// <returns>True if no run was lost, no request failed and memory did not grow too much.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Environment.CurrentDirectory, $"soak-{Guid.NewGuid():N}")).FullName;
        var steady = new SoakResults();
        var overload = new SoakResults();
        try
        {
            await using (var host = await StartAsync(folder, cancellationToken))
            {
                await RunSteadyLoadAsync(host, steady, cancellationToken);
                if (options.OverloadClients > 0) await OverloadAsync(host, overload, cancellationToken);
                await host.StopAsync();
            }

            await using var restarted = await StartAsync(folder, cancellationToken);
            var lost = await CountLostRunsAsync(restarted, steady, cancellationToken) + await CountLostRunsAsync(restarted, overload, cancellationToken);
            await restarted.StopAsync();
            return Report(steady, overload, lost);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private Task<HostProcess> StartAsync(string folder, CancellationToken cancellationToken) => HostProcess.StartAsync(
        options.HostAssembly,
        options.Configuration,
        folder,
        options.Variables.Prepend(new("Agents__assistant__Model__DelayMilliseconds", options.WordMilliseconds.ToString(CultureInfo.InvariantCulture))),
        cancellationToken);

    private static HttpClient CreateClient(HostProcess host) =>
        new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = host.Address, Timeout = TimeSpan.FromSeconds(60) };

    private async Task RunSteadyLoadAsync(HostProcess host, SoakResults results, CancellationToken cancellationToken)
    {
        using var client = CreateClient(host);
        var end = Stopwatch.GetTimestamp() + ((options.WarmUpSeconds + options.Seconds) * Stopwatch.Frequency);
        var callers = Enumerable.Range(0, options.Streams).Select(i => RepeatAsync(end, results, Stream(new SoakCaller(client, results, $"stream{i}"))))
            .Concat(Enumerable.Range(0, options.Others).Select(i => RepeatAsync(end, results, Mix(new SoakCaller(client, results, $"mix{i}"))))).ToList();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var second = 0; Stopwatch.GetTimestamp() < end && await timer.WaitForNextTickAsync(cancellationToken); second++)
        {
            if (second >= options.WarmUpSeconds) _memory.Add(host.Megabytes);
        }

        await Task.WhenAll(callers);

        Func<Task> Stream(SoakCaller caller) => () => caller.RunAsync(stream: true, cancellationToken);

        Func<Task> Mix(SoakCaller caller) => async () =>
        {
            await caller.RunAsync(stream: false, cancellationToken);
            await caller.ReadAsync(cancellationToken);
        };
    }

    private async Task OverloadAsync(HostProcess host, SoakResults results, CancellationToken cancellationToken)
    {
        using var client = CreateClient(host);
        var end = Stopwatch.GetTimestamp() + (options.OverloadSeconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, options.OverloadClients).Select(i =>
        {
            var caller = new SoakCaller(client, results, $"over{i}");
            return RepeatAsync(end, results, () => caller.RunAsync(stream: i % 2 == 0, cancellationToken));
        }));
    }

    private static async Task RepeatAsync(long end, SoakResults results, Func<Task> work)
    {
        while (Stopwatch.GetTimestamp() < end)
        {
            try
            {
                await Task.Run(work);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
            {
                results.AddError(e.Message);
            }
        }
    }

    /// <summary>Counts acknowledged runs that are missing or do not have exactly two messages.</summary>
    private static async Task<int> CountLostRunsAsync(HostProcess host, SoakResults results, CancellationToken cancellationToken)
    {
        using var client = CreateClient(host);
        var lost = 0;
        await Parallel.ForEachAsync(results.Sessions, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken }, async (session, ct) =>
        {
            var runs = await ReadIdsAsync(client, $"/v1/sessions/{session.Key}/runs?limit=100", "id", ct);
            var messages = await ReadIdsAsync(client, $"/v1/sessions/{session.Key}/messages?limit=100", "run_id", ct);
            var missing = session.Value.Count(run => !runs.Contains(run) || messages.Count(m => m == run) != 2);
            Interlocked.Add(ref lost, missing);
        });
        return lost;
    }

    private static async Task<List<string?>> ReadIdsAsync(HttpClient client, string path, string name, CancellationToken cancellationToken)
    {
        var page = JsonNode.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken))!;
        return [.. (page["data"]?.AsArray() ?? []).Select(item => (string?)item![name])];
    }

    private bool Report(SoakResults steady, SoakResults overload, int lost)
    {
        output.WriteLine($"load        {options.Streams} streams and {options.Others} other callers for {options.Seconds} s after a warm-up of {options.WarmUpSeconds} s");
        output.WriteLine($"runs        {steady.Acknowledged} acknowledged; {steady.Reads} reads, {steady.Deleted} sessions deleted, {steady.Rejections.Count} requests rejected");
        var sixth = Math.Max(1, _memory.Count / 6);
        var (first, last) = (_memory.Take(sixth).Average(), _memory.TakeLast(sixth).Average());
        output.WriteLine($"memory      {first:0} MB after warm-up, {last:0} MB at the end ({(last / first) - 1:+0.0%;-0.0%}), maximum {_memory.Max():0} MB");
        if (options.OverloadClients > 0)
        {
            var rejections = overload.Rejections;
            output.WriteLine($"overload    {options.OverloadClients} callers for {options.OverloadSeconds} s: {overload.Acknowledged} runs acknowledged, {rejections.Count} rejected");
            if (rejections.Count > 0) output.WriteLine($"rejections  p50 {Statistics.Median(rejections):0.0} ms, p99 {Statistics.Quantile(rejections, 0.99):0.0} ms, maximum {rejections[^1]:0.0} ms");
        }

        output.WriteLine($"lost        {lost} acknowledged runs after a restart");
        var errors = steady.Errors.Concat(overload.Errors).ToList();
        output.WriteLine($"errors      {errors.Sum(e => e.Value)}");
        foreach (var (error, count) in errors) output.WriteLine($"  {count} x {error}");
        return lost == 0 && errors.Count == 0 && last <= first * 1.1;
    }
}
