using System.CommandLine;
using PluginHost.Benchmarks.Load;

namespace PluginHost.Benchmarks.OpenAI;

/// <summary>
/// The command <c>openai</c>. It compares the OpenAI API of the host with a minimal handler. Both run in this process, call the same
/// stub model, and are measured in alternating turns, so that other load on the machine affects both.
/// </summary>
internal static class OpenAICommand
{
    private static readonly TimeSpan TurnDuration = TimeSpan.FromSeconds(1);

    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "The number of measured turns of each server. A turn takes one second.", DefaultValueFactory = _ => 7 };
        var warmUp = new Option<int>("--warm-up") { Description = "The number of turns before the measurement.", DefaultValueFactory = _ => 6 };
        var only = new Option<string>("--only") { Description = "The name of the request to send. Default: all requests." };
        var alone = new Option<bool>("--alone") { Description = "Send to the host only, for a profile." };
        var command = new Command("openai", "Compare requests per second and time to first token with a minimal handler.") { rounds, warmUp, only, alone };
        command.SetAction((parsed, _) => parsed.GetValue(alone)
            ? RunAloneAsync(parsed.GetValue(rounds), parsed.GetValue(only), parsed.InvocationConfiguration.Output)
            : RunAsync(parsed.GetValue(rounds), parsed.GetValue(warmUp), parsed.GetValue(only), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static async Task RunAsync(int rounds, int warmUp, string? only, TextWriter output)
    {
        var model = new TimedStub();
        await using var host = await HostServer.StartAsync(model);
        await using var minimal = await MinimalServer.StartAsync(model);
        var requests = Choose(only);
        // Until the just-in-time compiler has finished, it takes processor time from the measurement.
        for (var round = 0; round < warmUp; round++)
        {
            foreach (var request in requests) _ = (await MeasureRateAsync(minimal.Port, request), await MeasureRateAsync(host.Port, request));
        }

        await output.WriteLineAsync("| request | server | requests/s | ratio | µs of CPU, with the caller | ratio | bytes | pauses |\n|---|---|--:|--:|--:|--:|--:|--:|");
        foreach (var request in requests)
        {
            var (minimalTurns, hostTurns) = (new List<TurnCost>(), new List<TurnCost>());
            for (var round = 0; round < rounds; round++)
            {
                minimalTurns.Add(await MeasureRateAsync(minimal.Port, request));
                hostTurns.Add(await MeasureRateAsync(host.Port, request));
            }

            var (minimalCost, hostCost) = (TurnCost.MedianOf(minimalTurns), TurnCost.MedianOf(hostTurns));
            await output.WriteLineAsync($"| {request.Name} | handler | {minimalCost.Rate:0} | | {minimalCost.Cpu:0.0} | | {minimalCost.Bytes:0} | {minimalCost.Pauses:P0} |");
            await output.WriteLineAsync(
                $"| | host | {hostCost.Rate:0} | {hostCost.Rate / minimalCost.Rate:0.00} | {hostCost.Cpu:0.0} | {hostCost.Cpu / minimalCost.Cpu:0.00} | {hostCost.Bytes:0} | {hostCost.Pauses:P0} |");
        }

        if (only is null) await CompareFirstTokenAsync(minimal.Port, host.Port, model, output);
    }

    private static async Task RunAloneAsync(int rounds, string? only, TextWriter output)
    {
        await using var host = await HostServer.StartAsync(new TimedStub());
        foreach (var request in Choose(only))
        {
            for (var round = 0; round < rounds; round++) await output.WriteLineAsync($"{request.Name}: {await MeasureRateAsync(host.Port, request)}");
        }
    }

    private static List<BenchmarkRequest> Choose(string? only) => [.. BenchmarkRequest.All.Where(r => only is null || r.Name == only)];

    private static Task<TurnCost> MeasureRateAsync(int port, BenchmarkRequest request) => TurnCost.MeasureAsync(port, request, TurnDuration);

    /// <summary>Measures the time from the first token of the model to its arrival at the caller, one request at a time.</summary>
    private static async Task CompareFirstTokenAsync(int minimalPort, int hostPort, TimedStub model, TextWriter output)
    {
        var (minimal, host) = (new List<double>(), new List<double>());
        for (var i = 0; i < 2_000; i++)
        {
            var (minimalTime, hostTime) = (await MeasureFirstTokenAsync(minimalPort, model), await MeasureFirstTokenAsync(hostPort, model));
            // The first half is the warm-up.
            if (i < 1_000) continue;
            minimal.Add(minimalTime);
            host.Add(hostTime);
        }

        await output.WriteLineAsync("\n| first token of a stream | median, ms | 99th percentile, ms |\n|---|--:|--:|");
        await output.WriteLineAsync($"| minimal handler | {Statistics.Median(minimal):0.000} | {Statistics.Quantile(minimal, 0.99):0.000} |");
        await output.WriteLineAsync($"| host | {Statistics.Median(host):0.000} | {Statistics.Quantile(host, 0.99):0.000} |");
    }

    /// <returns>Milliseconds.</returns>
    private static async Task<double> MeasureFirstTokenAsync(int port, TimedStub model)
    {
        using var connection = await RawConnection.OpenAsync("127.0.0.1", port);
        var arrived = await connection.SendAsync(BenchmarkRequest.Streamed.CreateBytes(), TimedStub.FirstToken);
        return (arrived - model.FirstTokenAt) * 1000.0 / System.Diagnostics.Stopwatch.Frequency;
    }
}
