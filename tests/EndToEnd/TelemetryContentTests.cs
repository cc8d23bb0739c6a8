using System.Text.Json.Nodes;
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
    public async Task The_name_of_a_user_is_in_no_telemetry()
    {
        const string user = "ada-lovelace";
        await using var collector = await OtlpReceiver.StartAsync();
        using var folder = WorkFolder.Create(Configuration.Replace("\"memory\"", "\"memory\", \"Options\": { \"Scope\": \"User\" }", StringComparison.Ordinal));
        await using var host = await RunningHost.StartAsync(folder, ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.GrpcEndpoint));

        await host.Api.PostAsync("/v1/sessions/s/runs", new JsonObject { ["input"] = """call remember {"fact":"likes tea"}""", ["user"] = user });
        Assert.Equal(1, (int)(await host.Api.GetAsync($"/v1/users/{user}"))["kept"]![0]!["count"]!);
        using (var deleted = await host.Api.Http.DeleteAsync(new Uri($"/v1/users/{user}", UriKind.Relative))) Assert.True(deleted.IsSuccessStatusCode);
        await host.StopAsync();

        Assert.Contains(collector.Received.Spans, s => (string?)s.Attributes.GetValueOrDefault("http.route") == "/v1/users/{user}");
        Assert.DoesNotContain(ReceivedText.GetAll(collector.Received), t => t.Contains(user, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(user, host.Transcript, StringComparison.OrdinalIgnoreCase);
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
