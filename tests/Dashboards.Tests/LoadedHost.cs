using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PluginHost.ModelServer;
using PluginHost.Testing;

namespace PluginHost.Dashboards;

/// <summary>
/// A host with completed, failed, cancelled, refused and parked runs, a skipped plugin, and a collector that fails at times and rejects some spans. A real Prometheus scrapes it until every
/// query returns data, at most two minutes.
/// </summary>
public sealed partial class LoadedHost : IAsyncLifetime
{
    private const string Configuration = """
        {
          "Agents": {
            "echo": {
              "Chain": [ { "Plugin": "sqlite-history" }, { "Plugin": "redaction", "Options": { "Mask": [ "email" ] } }, { "Plugin": "memory" }, { "Plugin": "slow", "Host": { "Timeout": "300ms" } } ]
            },
            "careful": { "Chain": [ { "Plugin": "sqlite-history" }, { "Plugin": "memory", "Host": { "Approve": [ "*" ] } } ] },
            "poor": {
              "Chain": [
                { "Plugin": "sqlite-history" }, { "Plugin": "budget", "Options": { "Limits": [ { "Measure": "ModelCalls", "Max": 1, "Per": "Run" } ] } }, { "Plugin": "memory" }
              ]
            },
            "model": { "Model": { "Client": "openai", "Model": "gpt-test" }, "Chain": [ { "Plugin": "sqlite-history" } ] }
          },
          "Sessions": { "Store": { "Plugin": "sqlite-sessions" } }
        }
        """;

    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(2);

    private readonly WorkFolder _folder = WorkFolder.Create(Configuration);
    private FakeModel _model = null!;
    private OtlpReceiver _collector = null!;
    private RunningHost _host = null!;

    internal PrometheusServer Prometheus { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _folder.InstallPlugin(Repository.SlowPluginFolder, "SlowPlugin");
        _model = await FakeModel.StartAsync();
        _collector = await OtlpReceiver.StartAsync();
        _collector.RejectSpans(1);
        _host = await RunningHost.StartAsync(
            _folder,
            ("PluginFolders__0", "plugins"), ("Agents__model__Model__Endpoint", _model.Endpoint),
            ("OTEL_METRICS_EXPORTER", "prometheus"), ("OTEL_EXPORTER_PROMETHEUS_PORT", "0"),
            // A short queue drops spans.
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", _collector.GrpcEndpoint), ("OTEL_BSP_SCHEDULE_DELAY", "200"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "4"), ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2"));
        await _host.WaitForLogAsync(ServingMetrics());
        Prometheus = PrometheusServer.Start(_folder, ServingMetrics().Match(_host.Output).Groups[1].Value);
        var start = TimeProvider.System.GetTimestamp();
        while (!await Prometheus.IsReadyAsync() || await IsDataMissingAsync())
        {
            await RunEveryOutcomeAsync();
            if (TimeProvider.System.GetElapsedTime(start) > TimeLimit) return;
        }
    }

    public async Task DisposeAsync()
    {
        if (Prometheus is not null) await Prometheus.DisposeAsync();
        if (_host is not null) await _host.DisposeAsync();
        if (_model is not null) await _model.DisposeAsync();
        if (_collector is not null) await _collector.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<bool> IsDataMissingAsync()
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

    private async Task RunEveryOutcomeAsync()
    {
        _collector.Break();
        await RunAsync("echo", """call remember {"fact":"tea"}""", HttpStatusCode.OK);
        await RunAsync("model", "hi", HttpStatusCode.OK);
        await RunAsync("none", "hi", HttpStatusCode.NotFound);
        await RunAsync("poor", """call remember {"fact":"tea"}""", HttpStatusCode.Forbidden);
        await RunAsync("careful", """call remember {"fact":"tea"}""", HttpStatusCode.OK);
        var approval = (await _host.Api.GetAsync("/v1/approvals"))["data"]![0]!["id"];
        await _host.Api.PostAsync($"/v1/approvals/{approval}", new JsonObject { ["approve"] = true });
        _collector.Recover();
        foreach (var status in new[] { 400, 401 })
        {
            _model.Enqueue(new ModelReply { Status = status, Error = "no" });
            await RunAsync("model", "hi", HttpStatusCode.BadGateway);
        }

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
    private static partial Regex ServingMetrics();
}
