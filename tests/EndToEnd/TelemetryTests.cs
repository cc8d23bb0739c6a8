using System.Net.Http.Json;
using PluginHost.Testing;

namespace PluginHost.EndToEnd;

public sealed class TelemetryTests
{
    private const string CallersTrace = "1af7651916cd43dd8448eb211c80319c";
    private const string CallersSpan = "17ad6b7169203331";

    /// <summary>A word in all content: instructions, input, tool arguments and the answer.</summary>
    private const string Content = "Zwiebelkuchen";

    /// <summary>Redaction is both run middleware and chat middleware, so it wraps the rest of the chain and each model call.</summary>
    private const string Configuration = """
        {
          "Agents": {
            "assistant": {
              "Chain": [ { "Plugin": "sqlite-history" }, { "Plugin": "redaction", "Options": { "Mask": [ "email" ] } }, { "Plugin": "memory" } ]
            }
          },
          "Sessions": { "Store": { "Plugin": "sqlite-sessions" } }
        }
        """;

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task A_run_is_one_trace_that_continues_the_callers_trace_and_contains_no_content(string protocol)
    {
        await using var collector = await OtlpReceiver.StartAsync();
        using var folder = WorkFolder.Create(Configuration);
        await using var host = await RunningHost.StartAsync(
            folder,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", protocol == "grpc" ? collector.GrpcEndpoint : collector.HttpEndpoint),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
            ("OTEL_SERVICE_NAME", "kitchen"),
            ("Agents__assistant__Instructions", $"Talk about {Content}."));
        await RunInTraceAsync(host, $$"""call remember {"fact":"{{Content}}"}""");
        await host.Api.RunAsync("ada", Content);
        await host.StopAsync();

        var received = collector.Received;
        CheckTree([.. received.Spans.Where(s => s.TraceId == CallersTrace)]);
        CheckLink(received.Spans);
        CheckMetrics(received.Points);
        Assert.Contains(received.Logs, l => l.Body.Contains("serves on", StringComparison.Ordinal));
        Assert.All(received.Spans, s => Assert.Equal("kitchen", s.Resource["service.name"]));
        Assert.Contains(received.Spans, s => s.Name == "Memory plugin.load");
        Assert.DoesNotContain(ReceivedText.GetAll(received), text => text.Contains(Content, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(Content, host.Transcript, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task RunInTraceAsync(RunningHost host, string input)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/sessions/ada/runs") { Content = JsonContent.Create(new { input }) };
        request.Headers.Add("traceparent", $"00-{CallersTrace}-{CallersSpan}-01");
        using var response = await host.Api.Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    private static void CheckTree(IReadOnlyList<ReceivedSpan> spans)
    {
        Assert.Equal(
            [
                "POST /v1/sessions/{id}/runs",
                ".assistant run",
                "..sqlite-sessions session.load",
                "..invoke_agent assistant",
                "...sqlite-history history.load",
                "...redaction middleware",
                "....memory context.provide",
                "....redaction middleware",
                ".....chat echo",
                "....execute_tool remember",
                "....redaction middleware",
                ".....chat echo",
                "..memory context.observe",
                "..sqlite-sessions session.save",
                "..sqlite-history history.append",
            ],
            SpanTree.Draw(spans));
        var server = Assert.Single(spans, s => s.Kind == 2);
        Assert.Equal(CallersSpan, server.ParentId);
        Assert.All(spans, s => Assert.Equal(["ada", "assistant"], GetAttributes(s, "gen_ai.conversation.id", "gen_ai.agent.name")));
        var memory = Assert.Single(spans, s => s.Name == "memory context.provide");
        Assert.Equal(["memory", "context", 2L], GetAttributes(memory, "pluginhost.plugin.name", "pluginhost.plugin.kind", "pluginhost.plugin.index"));
    }

    private static IEnumerable<object?> GetAttributes(ReceivedSpan span, params IEnumerable<string> names) =>
        names.Select(n => span.Attributes.GetValueOrDefault(n));

    private static void CheckLink(IReadOnlyList<ReceivedSpan> spans)
    {
        var first = Assert.Single(spans, s => s.Name == "assistant run" && s.TraceId == CallersTrace);
        var second = Assert.Single(spans, s => s.Name == "assistant run" && s.TraceId != CallersTrace);
        Assert.Empty(first.Links);
        Assert.Equal((first.TraceId, first.SpanId), Assert.Single(second.Links));
        var server = Assert.Single(spans, s => s.SpanId == second.ParentId);
        Assert.Equal((first.TraceId, first.SpanId), Assert.Single(server.Links));
    }

    private static void CheckMetrics(IReadOnlyList<ReceivedPoint> points)
    {
        var runs = Assert.Single(points, p => p.Name == "pluginhost.run.duration");
        Assert.Equal((2L, "assistant", "completed"), (runs.Count, runs.Attributes["gen_ai.agent.name"], runs.Attributes["pluginhost.run.outcome"]));
        string[] others =
        [
            "pluginhost.run.active", "pluginhost.session.active", "pluginhost.session.operation.duration", "pluginhost.plugin.call.duration",
            "pluginhost.plugin.load.duration", "pluginhost.plugin.contexts", "pluginhost.history.messages",
            "gen_ai.client.token.usage", "gen_ai.client.operation.duration", "http.server.request.duration",
        ];
        Assert.Empty(others.Except(points.Select(p => p.Name)));
        Assert.DoesNotContain(points.SelectMany(p => p.Attributes.Values), value => value is "ada");
        // The two runs call the model three times.
        Assert.Equal(3, points.Where(p => p.Name == "gen_ai.client.operation.duration").Sum(p => p.Count));
    }
}
