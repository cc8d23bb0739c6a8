using System.CommandLine;

namespace PluginHost.Benchmarks.OpenAI;

/// <summary>
/// <c>openai</c>: OpenAI's interface through the host beside a bare handler that calls the same stub model, both in this process and
/// by turns, so that what the machine does meanwhile hits them alike.
/// </summary>
internal static class OpenAICommand
{
    private const int Connections = 16;

    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "How often each server has its turn, for a second.", DefaultValueFactory = _ => 7 };
        var warmUp = new Option<int>("--warm-up") { Description = "How often before that, for nothing.", DefaultValueFactory = _ => 6 };
        var only = new Option<string>("--only") { Description = "The request to send, by its name; all when left out." };
        var command = new Command("openai", "Requests a second and the time to the first token, beside a bare handler.") { rounds, warmUp, only };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(rounds), parsed.GetValue(warmUp), parsed.GetValue(only), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static async Task RunAsync(int rounds, int warmUp, string? only, TextWriter output)
    {
        var model = new TimedStub();
        await using var host = await HostServer.StartAsync(model);
        await using var bare = await BareServer.StartAsync(model);
        var requests = BenchmarkRequest.All.Where(r => only is null || r.Name == only).ToList();
        // The just-in-time compiler needs long to be done with all of them, and takes the processor from what is measured.
        for (var round = 0; round < warmUp; round++)
        {
            foreach (var request in requests) _ = (await RateAsync(bare.Port, request), await RateAsync(host.Port, request));
        }

        await output.WriteLineAsync("| request | bare handler, requests/s | host, requests/s | ratio |\n|---|--:|--:|--:|");
        foreach (var request in requests)
        {
            var (bareRate, hostRate) = (new List<double>(), new List<double>());
            for (var round = 0; round < rounds; round++)
            {
                bareRate.Add(await RateAsync(bare.Port, request));
                hostRate.Add(await RateAsync(host.Port, request));
            }

            var (bareMedian, hostMedian) = (Median(bareRate), Median(hostRate));
            await output.WriteLineAsync($"| {request.Name} | {bareMedian:0} | {hostMedian:0} | {hostMedian / bareMedian:0.00} |");
        }

        if (only is null) await FirstTokenAsync(bare.Port, host.Port, model, output);
    }

    private static async Task<double> RateAsync(int port, BenchmarkRequest request)
    {
        GC.Collect();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(async () =>
        {
            using var connection = await RawConnection.OpenAsync(port);
            var count = 0;
            for (; !stop.IsCancellationRequested; count++) await connection.SendAsync(request.Bytes);
            return count;
        })));
        return counts.Sum();
    }

    /// <summary>From the moment in which the model says something to the moment in which the caller has it, one request after another.</summary>
    private static async Task FirstTokenAsync(int barePort, int hostPort, TimedStub model, TextWriter output)
    {
        var (bare, host) = (new List<double>(), new List<double>());
        for (var i = 0; i < 2_000; i++)
        {
            var (b, h) = (await FirstTokenAsync(barePort, model), await FirstTokenAsync(hostPort, model));
            // The first half is for the just-in-time compiler.
            if (i < 1_000) continue;
            bare.Add(b);
            host.Add(h);
        }

        await output.WriteLineAsync("\n| first token of a stream | median, ms | 99th percentile, ms |\n|---|--:|--:|");
        await output.WriteLineAsync($"| bare handler | {Median(bare):0.000} | {Percentile(bare, 0.99):0.000} |");
        await output.WriteLineAsync($"| host | {Median(host):0.000} | {Percentile(host, 0.99):0.000} |");
    }

    private static async Task<double> FirstTokenAsync(int port, TimedStub model)
    {
        using var connection = await RawConnection.OpenAsync(port);
        var seen = await connection.SendAsync(BenchmarkRequest.Streamed.Bytes, TimedStub.First);
        return (seen - model.SpokeAt) * 1000.0 / System.Diagnostics.Stopwatch.Frequency;
    }

    private static double Median(List<double> values) => Percentile(values, 0.5);

    private static double Percentile(List<double> values, double part) => values.Order().ElementAt((int)(values.Count * part));
}
