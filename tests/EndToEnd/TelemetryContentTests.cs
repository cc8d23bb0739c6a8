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

    [Fact]
    public async Task The_text_of_what_a_plugin_throws_is_on_the_console_alone()
    {
        const string text = "Thrown by the plugin.";
        await using var collector = await OtlpReceiver.StartAsync();
        using var folder = WorkFolder.Create(
            """
            {
              "PluginFolders": ["plugins"],
              "Agents": { "assistant": { "Chain": [ { "Plugin": "sqlite-history" }, { "Plugin": "misbehaving-context", "Options": { "Does": "Throws" } } ] } },
              "Sessions": { "Store": { "Plugin": "sqlite-sessions" } }
            }
            """);
        folder.InstallPlugin(BuildOutputs.MisbehavingFolder, "MisbehavingPlugin");
        await using var host = await RunningHost.StartAsync(folder, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.GrpcEndpoint));

        await host.Api.RunAsync("ada", "hi");
        await host.StopAsync();

        Assert.Contains(text, host.Transcript, StringComparison.Ordinal);
        var log = Assert.Single(collector.Received.Logs, l => l.Category == "PluginHost.Plugin.misbehaving-context");
        Assert.Equal("System.InvalidOperationException", log.Attributes["exception.type"]);
        Assert.DoesNotContain(ReceivedText.GetAll(collector.Received), t => t.Contains(text, StringComparison.Ordinal));
    }
}
