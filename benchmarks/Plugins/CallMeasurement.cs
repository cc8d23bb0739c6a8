using System.Diagnostics;
using Microsoft.Extensions.AI;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace PluginHost.Benchmarks.Plugins;

/// <summary>
/// Measures what <c>mcp</c> adds to a call of a tool: from the model's call until its next request has the result, in turns with a call by a bare client of
/// the protocol's library to the same server.
/// </summary>
internal static class CallMeasurement
{
    private const int WarmUpCalls = 1_000;

    /// <param name="calls">The number of calls of each contestant and transport.</param>
    /// <param name="output">Gets the table.</param>
    /// <param name="cancellationToken">Ends the measurement between two calls.</param>
    public static async Task RunAsync(int calls, TextWriter output, CancellationToken cancellationToken)
    {
        await output.WriteLineAsync("\n| a call by | bare client, ms | with `mcp`, ms | more | more at p99 |\n|---|--:|--:|--:|--:|");
        var stdio = new StdioClientTransportOptions { Name = "habits", Command = "dotnet", Arguments = [PluginSite.McpServer, "stdio"] };
        await MeasureAsync(
            "stdio", $$"""{ "Command": "dotnet", "Arguments": ["{{PluginSite.McpServer}}", "stdio"] }""", new StdioClientTransport(stdio), calls, output, cancellationToken);

        var port = HostProcess.FindPort();
        var start = new ProcessStartInfo("dotnet", [PluginSite.McpServer, "http", $"{port}"]);
        using var server = Process.Start(start)!;
        try
        {
            var address = new Uri($"http://127.0.0.1:{port}/mcp");
            await WaitForAsync(address, cancellationToken);
            var http = new HttpClientTransportOptions
            {
                Endpoint = address,
                TransportMode = HttpTransportMode.StreamableHttp,
                AdditionalHeaders = new Dictionary<string, string> { ["X-Key"] = "open" },
            };
            await MeasureAsync(
                "streamable HTTP", $$"""{ "Endpoint": "{{address}}", "Headers": { "X-Key": "open" } }""", new HttpClientTransport(http), calls, output, cancellationToken);
        }
        finally
        {
            server.Kill();
        }
    }

    private static async Task MeasureAsync(
        string name, string server, IClientTransport transport, int calls, TextWriter output, CancellationToken cancellationToken)
    {
        using var site = new PluginSite();
        var model = new CallingStub();
        // Sessions in memory: what a journal of calls costs is not the plugin's.
        var configuration = site.WriteConfiguration(
            [("caller", """{ "Plugin": "mcp" }""")], $$"""{ "mcp": { "Options": { "Servers": { "habits": {{server}} } } } }""", store: null);
        await using var engine = await PluginEngine.StartAsync(configuration, site.Paths, model);
        await engine.WaitUntilHealthyAsync();
        await using var client = await McpClient.CreateAsync(transport, cancellationToken: cancellationToken);
        var (bare, plugin) = (new List<double>(), new List<double>());
        for (var i = -WarmUpCalls; i < calls; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (bareTime, pluginTime) = (await CallBareAsync(client), await CallAsync(engine, model, $"s{i}"));
            if (i < 0) continue;
            bare.Add(bareTime);
            plugin.Add(pluginTime);
        }

        var (bareMedian, median) = (Statistics.Median(bare), Statistics.Median(plugin));
        await output.WriteLineAsync(
            $"| {name} | {bareMedian:0.000} | {median:0.000} | {median - bareMedian:0.000} | {Statistics.Quantile(plugin, 0.99) - Statistics.Quantile(bare, 0.99):0.000} |");
    }

    /// <returns>Milliseconds.</returns>
    private static async Task<double> CallBareAsync(McpClient client)
    {
        var began = Stopwatch.GetTimestamp();
        var result = await client.CallToolAsync("add", new Dictionary<string, object?> { ["a"] = 2, ["b"] = 3 });
        var time = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        if (result.Content is not [TextContentBlock { Text: "5" }]) throw new InvalidOperationException("The server did not add.");
        return time;
    }

    /// <returns>Milliseconds.</returns>
    private static async Task<double> CallAsync(PluginEngine engine, CallingStub model, string session)
    {
        await engine.RunAsync("caller", session, "add: ");
        var isSum = model.Last.Messages[^1].Contents is [FunctionResultContent { Result: { } result }] && $"{result}" == "5";
        if (!isSum) throw new InvalidOperationException("The server did not add.");
        return model.LastCall.TotalMilliseconds;
    }

    private static async Task WaitForAsync(Uri address, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            try
            {
                using var response = await http.GetAsync(address, limit.Token);
                return;
            }
            catch (HttpRequestException)
            {
                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
    }
}
