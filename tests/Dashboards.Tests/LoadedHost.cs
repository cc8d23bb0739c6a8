using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PluginHost.ModelServer;

namespace PluginHost.Dashboards;

/// <summary>
/// A host whose runs complete, fail, are cancelled and go on without a plugin that is too slow, and whose traces nobody takes;
/// scraped by a real Prometheus until that knows something for every query, or for two minutes.
/// </summary>
public sealed partial class LoadedHost : IAsyncLifetime
{
    private const string Configuration = """
        {
          "Agents": {
            "echo": {
              "Chain": [ { "Plugin": "sqlite-history" }, { "Plugin": "redaction", "Mask": [ "email" ] }, { "Plugin": "memory" }, { "Plugin": "slow", "Timeout": "20ms" } ]
            },
            "model": { "Model": { "Client": "openai", "Model": "gpt-test" }, "Chain": [ { "Plugin": "sqlite-history" } ] }
          },
          "Sessions": { "Store": { "Plugin": "sqlite-sessions" } }
        }
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly WorkFolder _folder = WorkFolder.Configured(Configuration);
    private FakeModel _model = null!;
    private RunningHost _host = null!;

    internal PrometheusServer Prometheus { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _folder.Drop(Repository.SlowPluginFolder, "SlowPlugin");
        _model = await FakeModel.StartAsync();
        _host = await RunningHost.StartAsync(
            _folder,
            ("PluginFolders__0", "plugins"), ("Agents__model__Model__Endpoint", _model.Endpoint),
            ("OTEL_METRICS_EXPORTER", "prometheus"), ("OTEL_EXPORTER_PROMETHEUS_PORT", "0"),
            // A port that nobody listens on, and a queue that soon is full: exports fail, and spans are dropped.
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_BSP_SCHEDULE_DELAY", "200"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "4"), ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2"));
        await _host.WaitForLogAsync(Scrapable());
        Prometheus = PrometheusServer.Start(_folder, Scrapable().Match(_host.Output).Groups[1].Value);
        var begin = TimeProvider.System.GetTimestamp();
        while (!await Prometheus.IsReadyAsync() || await HasGapsAsync())
        {
            await RunAllAsync();
            if (TimeProvider.System.GetElapsedTime(begin) > Patience) return;
        }
    }

    public async Task DisposeAsync()
    {
        if (Prometheus is not null) await Prometheus.DisposeAsync();
        if (_host is not null) await _host.DisposeAsync();
        if (_model is not null) await _model.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<bool> HasGapsAsync()
    {
        foreach (var query in PanelQuery.All.Select(q => q.Filled).Distinct())
        {
            if ((await Prometheus.QueryAsync(query)).Count == 0) return true;
        }

        foreach (var rule in await Prometheus.RulesAsync())
        {
            if ((string?)rule["type"] == "recording" && (await Prometheus.QueryAsync((string)rule["name"]!)).Count == 0) return true;
        }

        return false;
    }

    /// <summary>One run of each outcome.</summary>
    private async Task RunAllAsync()
    {
        await RunAsync("echo", """call remember {"fact":"tea"}""", HttpStatusCode.OK);
        await RunAsync("model", "hi", HttpStatusCode.OK);
        _model.Enqueue(new ModelReply { Status = 400, Error = "no" });
        await RunAsync("model", "hi", HttpStatusCode.BadGateway);
        var hold = new Hold();
        _model.Enqueue(new ModelReply { BeforeAnswer = hold });
        var run = await _host.Api.PostAsync("/v1/runs", Body("model", "hi", background: true), HttpStatusCode.Accepted);
        await hold.Reached;
        await _host.Api.PostAsync($"/v1/sessions/{run["session_id"]}/runs/{run["id"]}/cancel");
    }

    private Task<JsonNode> RunAsync(string agent, string input, HttpStatusCode expected) => _host.Api.PostAsync("/v1/runs", Body(agent, input), expected);

    private static JsonObject Body(string agent, string input, bool background = false) =>
        new() { ["agent"] = agent, ["input"] = input, ["background"] = background };

    [GeneratedRegex(@"Serving metrics for Prometheus at http://([^/\s]+)/metrics")]
    private static partial Regex Scrapable();
}
