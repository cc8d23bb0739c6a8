using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using PluginHost.Testing;

namespace PluginHost.EndToEnd.Swaps;

/// <summary>A changed DLL that fails more runs than the one before is rolled back by itself, and nothing else is.</summary>
[Trait("Form", "Long")]
public sealed partial class ErrorRateTests
{
    private const string Setting = """, "PluginLoading": { "RollbackErrorPercent": 20, "RollbackMinRuns": 10 } """;

    private static readonly SwapStore DeadModel = SwapStore.Sqlite with
    {
        Model = """{ "Client": "openai", "Model": "m", "Options": { "Endpoint": "http://127.0.0.1:9/v1", "MaxRetries": 0 } }""",
    };

    [Theory]
    [InlineData("fail")]
    [InlineData("skip")]
    public async Task A_DLL_that_fails_after_its_swap_is_rolled_back_and_shown(string onError)
    {
        var entry = $$""", "Options": { "Fault": "SecondRunThrows" }, "Host": { "OnError": "{{onError}}" } """;
        await using var collector = await OtlpReceiver.StartAsync();
        await using var host = await VersionedHost.StartAsync(
            SwapStore.Sqlite, entry, Setting, ("OTEL_METRICS_EXPORTER", "prometheus"), ("OTEL_EXPORTER_PROMETHEUS_PORT", "0"),
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", collector.GrpcEndpoint));
        await host.Host.WaitForLogAsync(ServingMetrics());
        for (var i = 0; i < 5; i++) Assert.Contains(VersionedHost.Answer(1, 1), await host.AskAsync(), StringComparison.Ordinal);
        FolderChange.Rename(BuildOutputs.VersionedFolders[1], host.Folder);
        await host.ReloadAsync();

        // One fewer than are compared: it serves yet.
        for (var i = 0; i < 9; i++) await TryRunAsync(host);
        Assert.Equal(2, (int)(await GenerationsAsync(host))[0]!["number"]!);
        await TryRunAsync(host);
        await host.Host.WaitForLogAsync(GivenUp());
        await host.Host.WaitForLogAsync(Served());

        Assert.Contains(VersionedHost.Answer(1, 1), await host.AskAsync(), StringComparison.Ordinal);
        var newest = (await GenerationsAsync(host))[0]!;
        Assert.Equal((3, "errors"), ((int)newest["number"]!, (string?)newest["cause"]));
        Assert.Contains("(versioned, versioned-client) failed 10 of the last 10 runs, and 0 of 5 before", (string?)newest["rollback_reason"], StringComparison.Ordinal);
        var plugin = (await host.Host.Api.GetAsync("/v1/plugins"))["data"]!.AsArray().Single(p => (string?)p!["name"] == "versioned")!;
        Assert.Equal(("1.0.0", "2.0.0"), ((string?)plugin["version"], (string?)plugin["rolled_back"]!["version"]));
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync(new Uri(ServingMetrics().Match(host.Host.Transcript).Groups[1].Value));
        Assert.Matches(Rollbacks(), string.Join('\n', metrics.Split('\n').Where(l => l.Contains("rollback", StringComparison.Ordinal))));
        // Not back and forth.
        await host.ReloadAsync(HttpStatusCode.Conflict, new JsonObject { ["rollback"] = true });
        await host.Host.StopAsync();
        var ofRuns = collector.Received.Spans.Where(s => s.Name == "assistant run").Select(s => s.TraceId).ToHashSet();
        Assert.DoesNotContain(collector.Received.Spans, s => ofRuns.Contains(s.TraceId) && s.Name.Contains(" plugin.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_model_that_fails_after_the_swap_rolls_nothing_back()
    {
        await using var host = await VersionedHost.StartAsync(SwapStore.Sqlite, options: "", Setting);
        await host.AskAsync();
        FolderChange.Rename(BuildOutputs.VersionedFolders[1], host.Folder);
        host.Work.Configure(VersionedHost.Configuration(DeadModel, more: Setting));
        await host.ReloadAsync();

        for (var i = 0; i < 15; i++) Assert.Equal("model_unreachable", await TryRunAsync(host));

        Assert.Equal([2, 1], (await GenerationsAsync(host)).Select(g => (int)g!["number"]!));
        Assert.DoesNotContain("Restoring the generation", host.Host.Transcript, StringComparison.Ordinal);
    }

    /// <returns>The type of the run's error; null for none.</returns>
    private static async Task<string?> TryRunAsync(VersionedHost host)
    {
        using var content = new StringContent("""{ "input": "show instructions" }""", null, "application/json");
        using var response = await host.Host.Api.Http.PostAsync(new Uri("/v1/sessions/probe/runs", UriKind.Relative), content);
        var run = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        return (string?)(run["error_type"] ?? run["error"]?["type"]);
    }

    private static async Task<JsonArray> GenerationsAsync(VersionedHost host) => (await host.Host.Api.GetAsync("/v1/generations"))["data"]!.AsArray();

    [GeneratedRegex("Restoring the generation before 2: Changed plugins")]
    private static partial Regex GivenUp();

    [GeneratedRegex(@"Serving metrics for Prometheus at (http://[^/\s]+/metrics)")]
    private static partial Regex ServingMetrics();

    [GeneratedRegex("""pluginhost_generation_rollbacks_total\{[^}]*pluginhost_rollback_cause="errors"[^}]*\} 1""")]
    private static partial Regex Rollbacks();

    [GeneratedRegex("Generation 3 serves")]
    private static partial Regex Served();
}
