using System.Diagnostics;

namespace PluginHost.Benchmarks.Pages;

/// <summary>Starts hosts with and without the console in turns: how long that takes, and their memory when nothing happens.</summary>
internal static class StartMeasurement
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    private readonly record struct Start(double Milliseconds, double Megabytes);

    public static async Task RunAsync(ConsoleOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        List<Start>[] starts = [[], []];
        for (var round = -1; round < options.Starts; round++)
        {
            // The order alternates, because a later start may find another machine. The first round warms the disk's cache.
            for (var i = 0; i < 2; i++)
            {
                var form = (i + Math.Abs(round)) % 2;
                var start = await MeasureAsync(options, hasConsole: form == 1, cancellationToken);
                if (round >= 0) starts[form].Add(start);
            }
        }

        await output.WriteLineAsync("| host | start, ms | of that without | memory at rest, MB | of that without |\n|---|--:|--:|--:|--:|");
        string[] names = ["without the console", "with the console"];
        for (var form = 0; form < 2; form++)
        {
            var (time, memory) = (Ratios(starts, form, s => s.Milliseconds), Ratios(starts, form, s => s.Megabytes));
            await output.WriteLineAsync(
                $"| {names[form]} | {Statistics.Median(starts[form].Select(s => s.Milliseconds)):0} | {Spread(time)} | {Statistics.Median(starts[form].Select(s => s.Megabytes)):0.0} | {Spread(memory)} |");
        }
    }

    private static async Task<Start> MeasureAsync(ConsoleOptions options, bool hasConsole, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("pluginhost-console-");
        try
        {
            var begin = Stopwatch.GetTimestamp();
            await using var host = await ViewMeasurement.StartAsync(options, folder.FullName, cancellationToken, hasConsole);
            var time = Stopwatch.GetElapsedTime(begin);
            await Task.Delay(Rest, cancellationToken);
            var memory = host.Megabytes;
            await host.StopAsync();
            return new(time.TotalMilliseconds, memory);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static List<double> Ratios(List<Start>[] starts, int form, Func<Start, double> select) => [.. starts[0].Zip(starts[form], (without, with) => select(with) / select(without))];

    private static string Spread(List<double> ratios) => $"{Statistics.Median(ratios):0.000} ({ratios.Min():0.000} – {ratios.Max():0.000})";
}
