using PluginHost.Testing;

namespace PluginHost.EndToEnd;

public sealed class TelemetryContentTests
{
    private const string Mail = "ada.lovelace@example.org";

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

    [Fact]
    public async Task Captured_content_is_redacted()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        using var folder = WorkFolder.Create(Configuration);
        await using var host = await RunningHost.StartAsync(
            folder,
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.GrpcEndpoint),
            ("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "true"));

        await host.Api.RunAsync("ada", $"write to {Mail} please");
        await host.Api.RunAsync("ada", $$"""call remember {"fact":"the address is {{Mail}}"}""");
        await host.Api.RunAsync("ada", "fail");
        await host.StopAsync();

        var texts = ReceivedText.GetAll(collector.Received).ToList();
        Assert.Contains(collector.Received.Spans, s => s.Name.StartsWith("chat", StringComparison.Ordinal)
            && ((string?)s.Attributes.GetValueOrDefault("gen_ai.input.messages"))?.Contains("write to", StringComparison.Ordinal) == true);
        Assert.Contains(collector.Received.Spans, s => s.Name == "assistant run" && s.Attributes.ContainsKey("gen_ai.output.messages"));
        Assert.DoesNotContain(texts, t => t.Contains(Mail, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(Mail, host.Transcript, StringComparison.OrdinalIgnoreCase);
    }
}
