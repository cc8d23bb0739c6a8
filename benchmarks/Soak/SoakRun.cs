using System.Diagnostics;
using System.Text.Json.Nodes;

namespace PluginHost.Benchmarks.Soak;

/// <summary>Holds streams with other work beside them, overloads the host, then starts it again and looks for every run.</summary>
internal sealed class SoakRun(SoakOptions options, TextWriter output)
{
    private readonly List<double> _memory = [];

    /// <returns>Whether nothing went wrong.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Environment.CurrentDirectory, $"soak-{Guid.NewGuid():N}")).FullName;
        var held = new Ledger();
        var overloaded = new Ledger();
        try
        {
            await using (var host = await SoakHost.StartAsync(options, folder, cancellationToken))
            {
                await HoldAsync(host, held, cancellationToken);
                if (options.OverloadClients > 0) await OverloadAsync(host, overloaded, cancellationToken);
                await host.StopAsync();
            }

            await using var again = await SoakHost.StartAsync(options, folder, cancellationToken);
            var lost = await LostAsync(again, held, cancellationToken) + await LostAsync(again, overloaded, cancellationToken);
            await again.StopAsync();
            return Report(held, overloaded, lost);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static HttpClient Client(SoakHost host) =>
        new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = host.Address, Timeout = TimeSpan.FromSeconds(60) };

    private async Task HoldAsync(SoakHost host, Ledger ledger, CancellationToken cancellationToken)
    {
        using var client = Client(host);
        var end = Stopwatch.GetTimestamp() + ((options.WarmUpSeconds + options.Seconds) * Stopwatch.Frequency);
        var callers = Enumerable.Range(0, options.Streams).Select(i => RepeatAsync(end, ledger, Stream(new SoakCaller(client, ledger, $"stream{i}"))))
            .Concat(Enumerable.Range(0, options.Others).Select(i => RepeatAsync(end, ledger, Mix(new SoakCaller(client, ledger, $"mix{i}"))))).ToList();
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

    private async Task OverloadAsync(SoakHost host, Ledger ledger, CancellationToken cancellationToken)
    {
        using var client = Client(host);
        var end = Stopwatch.GetTimestamp() + (options.OverloadSeconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, options.OverloadClients).Select(i =>
        {
            var caller = new SoakCaller(client, ledger, $"over{i}");
            return RepeatAsync(end, ledger, () => caller.RunAsync(stream: i % 2 == 0, cancellationToken));
        }));
    }

    private static async Task RepeatAsync(long end, Ledger ledger, Func<Task> work)
    {
        while (Stopwatch.GetTimestamp() < end)
        {
            try
            {
                await Task.Run(work);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
            {
                ledger.Fail(e.Message);
            }
        }
    }

    /// <summary>Acknowledged runs that are not there, or not with their two messages.</summary>
    private static async Task<int> LostAsync(SoakHost host, Ledger ledger, CancellationToken cancellationToken)
    {
        using var client = Client(host);
        var lost = 0;
        await Parallel.ForEachAsync(ledger.Sessions, new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = cancellationToken }, async (session, ct) =>
        {
            var runs = await IdsAsync(client, $"/v1/sessions/{session.Key}/runs?limit=100", "id", ct);
            var messages = await IdsAsync(client, $"/v1/sessions/{session.Key}/messages?limit=100", "run_id", ct);
            var missing = session.Value.Count(run => !runs.Contains(run) || messages.Count(m => m == run) != 2);
            Interlocked.Add(ref lost, missing);
        });
        return lost;
    }

    private static async Task<List<string?>> IdsAsync(HttpClient client, string path, string name, CancellationToken cancellationToken)
    {
        var page = JsonNode.Parse(await client.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken))!;
        return [.. (page["data"]?.AsArray() ?? []).Select(item => (string?)item![name])];
    }

    private bool Report(Ledger held, Ledger overloaded, int lost)
    {
        output.WriteLine($"held        {options.Streams} streams and {options.Others} other callers for {options.Seconds} s after {options.WarmUpSeconds} s");
        output.WriteLine($"runs        {held.Acknowledged} acknowledged; {held.Reads} reads, {held.Deleted} sessions deleted, {held.Refusals.Count} refused");
        var tenth = Math.Max(1, _memory.Count / 6);
        var (first, last) = (_memory.Take(tenth).Average(), _memory.TakeLast(tenth).Average());
        output.WriteLine($"memory      {first:0} MB after warm-up, {last:0} MB at the end ({(last / first) - 1:+0.0%;-0.0%}), {_memory.Max():0} MB at most");
        if (options.OverloadClients > 0)
        {
            var refusals = overloaded.Refusals;
            output.WriteLine($"overload    {options.OverloadClients} callers for {options.OverloadSeconds} s: {overloaded.Acknowledged} runs acknowledged, {refusals.Count} refused");
            if (refusals.Count > 0) output.WriteLine($"refusals    p50 {refusals[refusals.Count / 2]:0.0} ms, p99 {refusals[(int)(refusals.Count * 0.99)]:0.0} ms, slowest {refusals[^1]:0.0} ms");
        }

        output.WriteLine($"lost        {lost} acknowledged runs after a restart");
        var errors = held.Errors.Concat(overloaded.Errors).ToList();
        output.WriteLine($"errors      {errors.Sum(e => e.Value)}");
        foreach (var (what, count) in errors) output.WriteLine($"  {count} x {what}");
        return lost == 0 && errors.Count == 0 && last <= first * 1.1;
    }
}
