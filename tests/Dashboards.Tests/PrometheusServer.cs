using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace PluginHost.Dashboards;

/// <summary>A Prometheus process that scrapes every second and evaluates the shipped rules. Disposing it ends the process.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;

    private PrometheusServer(Process process, HttpClient http) => (_process, _http) = (process, http);

    public static PrometheusServer Start(WorkFolder folder, string target)
    {
        var port = FindFreePort();
        var configuration = folder.Write("prometheus.yaml", $"""
            global: {"{"} scrape_interval: 1s, evaluation_interval: 1s {"}"}
            rule_files: [ '{Repository.Rules}' ]
            scrape_configs:
              - job_name: pluginhost
                static_configs: [ {"{"} targets: [ '{target}' ] {"}"} ]
            """);
        var start = new ProcessStartInfo(Repository.GetProgram("prometheus"))
        {
            ArgumentList =
            {
                $"--config.file={configuration}", $"--storage.tsdb.path={folder["prometheus"]}", $"--web.listen-address=127.0.0.1:{port}",
                "--enable-feature=exemplar-storage", "--log.level=error",
            },
        };
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = ChildProcess.TimeLimit };
        return new PrometheusServer(Process.Start(start)!, http);
    }

    /// <summary>Whether it responds.</summary>
    public async Task<bool> IsReadyAsync()
    {
        if (_process.HasExited) throw new InvalidOperationException($"Prometheus exited with {_process.ExitCode}.");
        try
        {
            using var response = await _http.GetAsync(new Uri("/-/ready", UriKind.Relative));
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // The port is not open yet.
            return false;
        }
    }

    /// <summary>The current series of an expression, without NaN and infinite values.</summary>
    public async Task<IReadOnlyList<JsonNode>> QueryAsync(string expression)
    {
        var result = (await GetAsync($"/api/v1/query?query={Uri.EscapeDataString(expression)}"))["result"]!.AsArray();
        return [.. result.Where(s => (string?)s!["value"]![1] is not ("NaN" or "+Inf" or "-Inf")).Select(s => s!)];
    }

    /// <summary>The series of an expression over the last two minutes.</summary>
    public async Task<IReadOnlyList<JsonNode>> QueryRangeAsync(string expression)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var data = await GetAsync($"/api/v1/query_range?query={Uri.EscapeDataString(expression)}&start={now - 120}&end={now}&step=2");
        return [.. data["result"]!.AsArray().Select(s => s!)];
    }

    public async Task<IReadOnlyList<string>> LabelValuesAsync(string series, string label) =>
        [.. (await GetAsync($"/api/v1/label/{label}/values?match[]={Uri.EscapeDataString(series)}")).AsArray().Select(v => (string)v!)];

    public async Task<IReadOnlyList<JsonNode>> RulesAsync() =>
        [.. (await GetAsync("/api/v1/rules"))["groups"]!.AsArray().SelectMany(g => g!["rules"]!.AsArray()).Select(r => r!)];

    /// <summary>The trace ids of an expression's exemplars.</summary>
    public async Task<IReadOnlyList<string>> ExemplarsAsync(string expression)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var series = await GetAsync($"/api/v1/query_exemplars?query={Uri.EscapeDataString(expression)}&start={now - 600}&end={now + 10}");
        return [.. series.AsArray().SelectMany(s => s!["exemplars"]!.AsArray()).Select(e => (string?)e!["labels"]!["trace_id"]).OfType<string>()];
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _http.Dispose();
    }

    private async Task<JsonNode> GetAsync(string path)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative));
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.True((string?)body["status"] == "success", $"{path}: {body["error"]}");
        return body["data"]!;
    }

    private static int FindFreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
