using System.Text.RegularExpressions;
using PluginHost.ModelServer;

namespace PluginHost.EndToEnd.Troubleshooting;

/// <summary>Runs that fail or do not get their turn, and telemetry that is lost, as the page of troubleshooting has them.</summary>
public sealed class RunTroubleTests
{
    // Its answer takes hours.
    private const string Slow = """{"agent":"slow","input":"hi","background":true}""";

    [Theory]
    [InlineData("model_unauthorized", 401, null)]
    [InlineData("model_not_found", 404, null)]
    [InlineData("model_rate_limited", 429, null)]
    [InlineData("model_context_length_exceeded", 400, "context_length_exceeded")]
    public async Task Refusals_of_a_model_are_on_the_page(string heading, int status, string? code)
    {
        await using var model = await FakeModel.StartAsync();
        // The host sends a request that was too long again, cut.
        model.Default = new ModelReply { Status = status, Error = "The server says why.", ErrorCode = code };
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, [.. ModelVariables.Create(model), ("Agents__assistant__Model__MaxRetries", "0")]);

        TroubleshootingPage.Check(heading, await host.RunRawAsync("ada", """{"input":"hi"}"""));
        model.Default = new ModelReply();
        Assert.Contains("\"completed\"", await host.RunRawAsync("ada", """{"input":"hi"}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_that_do_not_get_their_turn_are_on_the_page()
    {
        using var folder = WorkFolder.Create("""
            {
              "Agents": {
                "slow": { "Model": { "Client": "echo", "DelayMilliseconds": 60000 }, "Chain": [ { "Plugin": "sqlite-history" } ] },
                "quick": { "Chain": [ { "Plugin": "sqlite-history" } ] },
                "other": { "Chain": [ { "Plugin": "file-history" } ] },
                "down": { "Model": { "Client": "openai", "Endpoint": "http://127.0.0.1:9/v1", "MaxRetries": 0 } }
              },
              "Sessions": { "QueueLimit": 1, "QueueTimeout": "5s", "MaxConcurrentRuns": 3 }
            }
            """);
        await using var host = await RunningHost.StartAsync(folder, ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"), ("OTEL_BSP_SCHEDULE_DELAY", "100"));

        TroubleshootingPage.Check("400: several agents", await host.RunRawAsync("ada", """{"input":"hi"}"""));
        TroubleshootingPage.Check("model_unreachable", await host.RunRawAsync("down", """{"agent":"down","input":"hi"}"""));
        await host.RunRawAsync("moved", """{"agent":"quick","input":"hi"}""");
        TroubleshootingPage.Check("409: history-changed", await host.RunRawAsync("moved", """{"agent":"other","input":"hi"}"""));

        await host.RunRawAsync("busy", Slow);
        // One of them waits until its time is over, the other one finds the queue full.
        var two = await Task.WhenAll(host.RunRawAsync("busy", """{"agent":"quick","input":"1"}"""), host.RunRawAsync("busy", """{"agent":"quick","input":"2"}"""));
        var (full, waited) = two[0].Contains("session-queue-full", StringComparison.Ordinal) ? (two[0], two[1]) : (two[1], two[0]);
        TroubleshootingPage.Check("409: session-busy", waited);
        await host.RunRawAsync("second", Slow);
        await host.RunRawAsync("third", Slow);
        TroubleshootingPage.Check("429: a limit", full, await host.RunRawAsync("fourth", Slow));

        await host.WaitForLogAsync(new Regex("Telemetry is being lost: the export of traces"));
        using var silent = WorkFolder.CreateShipped();
        await using var withoutEndpoint = await RunningHost.StartAsync(silent);
        TroubleshootingPage.Check("Telemetry does not arrive", host.Output, await withoutEndpoint.SendRawAsync("GET", "/v1/telemetry"));
    }
}
