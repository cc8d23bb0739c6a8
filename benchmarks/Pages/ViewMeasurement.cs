using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PluginHost.Benchmarks.Pages;

/// <summary>Reads pages of a host as a browser does at a first visit: the page, then its style, script and icon. Then lets pages follow events.</summary>
internal static partial class ViewMeasurement
{
    private const int Messages = 10_000;
    private const int Runs = 100;
    private const int WarmUp = 30;

    public static Task<HostProcess> StartAsync(ConsoleOptions options, string folder, CancellationToken cancellationToken, bool hasConsole = true) => HostProcess.StartAsync(
        options.HostAssembly, options.Configuration, folder, [new("Server__Console", hasConsole ? "true" : "false"), new("Server__RequestsPerSecond", "100000")], cancellationToken);

    public static async Task RunAsync(ConsoleOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("pluginhost-console-");
        try
        {
            await using var host = await StartAsync(options, folder.FullName, cancellationToken);
            using var http = new HttpClient { BaseAddress = host.Address, Timeout = TimeSpan.FromMinutes(2) };
            await FillAsync(http, cancellationToken);
            await output.WriteLineAsync("| view | first, ms | median, ms | p95, ms | kB |\n|---|--:|--:|--:|--:|");
            await WriteViewAsync(output, http, "/console", "Now, 100 runs", options.Views, cancellationToken);
            await WriteViewAsync(output, http, "/console/sessions/long", "a conversation of 10 000 messages", options.Views, cancellationToken);
            await WriteViewAsync(output, http, "/console/sessions/short-0", "a conversation of 2 messages", options.Views, cancellationToken);
            await WriteRestAsync(output, host, http, options, cancellationToken);
            await host.StopAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task FillAsync(HttpClient http, CancellationToken cancellationToken)
    {
        for (var i = 0; i < Runs; i++) await SendAsync(http, $"/v1/sessions/short-{i}/runs", new JsonObject { ["input"] = "What is the weather in Rome?" }, cancellationToken);
        await LongSession.ImportAsync(http, "long", Messages, cancellationToken);
    }

    private static async Task SendAsync(HttpClient http, string path, JsonObject body, CancellationToken cancellationToken)
    {
        using var answer = await http.PostAsJsonAsync(path, body, cancellationToken);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{path}: {await answer.Content.ReadAsStringAsync(cancellationToken)}");
    }

    private static async Task WriteViewAsync(TextWriter output, HttpClient http, string path, string name, int views, CancellationToken cancellationToken)
    {
        var (first, bytes) = await ViewAsync(http, path, cancellationToken);
        for (var i = 0; i < WarmUp; i++) await ViewAsync(http, path, cancellationToken);
        var times = new List<double>();
        for (var i = 0; i < views; i++) times.Add((await ViewAsync(http, path, cancellationToken)).Milliseconds);
        await output.WriteLineAsync($"| {name} | {first:0} | {Statistics.Median(times):0.0} | {Statistics.Quantile(times, 0.95):0.0} | {bytes / 1000d:0} |");
    }

    private static async Task<(double Milliseconds, long Bytes)> ViewAsync(HttpClient http, string path, CancellationToken cancellationToken)
    {
        var begin = Stopwatch.GetTimestamp();
        var page = await http.GetStringAsync(new Uri(path, UriKind.Relative), cancellationToken);
        long bytes = page.Length;
        foreach (var asset in Asset().Matches(page).Select(m => m.Value).Distinct())
            bytes += (await http.GetByteArrayAsync(new Uri(asset, UriKind.Relative), cancellationToken)).Length;
        return (Stopwatch.GetElapsedTime(begin).TotalMilliseconds, bytes);
    }

    /// <summary>What the host takes of a core while nothing happens: alone, and with open pages.</summary>
    private static async Task WriteRestAsync(TextWriter output, HostProcess host, HttpClient http, ConsoleOptions options, CancellationToken cancellationToken)
    {
        var alone = await RestAsync(host, options.Seconds, cancellationToken);
        var open = new List<Stream>();
        for (var i = 0; i < options.Pages; i++)
        {
            await http.GetStringAsync(new Uri("/console", UriKind.Relative), cancellationToken);
            open.Add(await http.GetStreamAsync(new Uri("/v1/events", UriKind.Relative), cancellationToken));
        }

        var followed = await RestAsync(host, options.Seconds, cancellationToken);
        foreach (var stream in open) await stream.DisposeAsync();
        await output.WriteLineAsync($"\nA host at rest takes {alone:0.00} % of a core, and {followed:0.00} % with {options.Pages} pages that follow its events.\n");
    }

    private static async Task<double> RestAsync(HostProcess host, int seconds, CancellationToken cancellationToken)
    {
        // What was done before has to come to rest.
        await Task.Delay(TimeSpan.FromSeconds(3), cancellationToken);
        var (cpu, begin) = (host.Cpu, Stopwatch.GetTimestamp());
        await Task.Delay(TimeSpan.FromSeconds(seconds), cancellationToken);
        return (host.Cpu - cpu) / Stopwatch.GetElapsedTime(begin) * 100;
    }

    [GeneratedRegex("/console/assets/[^\"]+")]
    private static partial Regex Asset();
}
