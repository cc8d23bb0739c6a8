using System.Security.Cryptography;
using PluginHost.ModelServer;
using PluginHost.Testing;

namespace PluginHost.EndToEnd;

/// <summary>Puts secrets wherever an operator may configure one and searches for them in everything that the host writes.</summary>
public sealed class SecretTests
{
    private const string Canary = "canary-7f3a";

    private const string Configuration = """
        {
          "Agents": {
            "assistant": {
              "Model": { "Client": "openai", "Model": "m", "Endpoint": "MODEL", "ApiKeyEnvironment": "MODEL_KEY", "MaxRetries": 0 },
              "Chain": [ { "Plugin": "sqlite-history" } ]
            }
          },
          "Server": { "ApiKeys": [ { "Environment": "CALLER_KEY", "Admin": true } ],
                      "Jwt": { "Audience": "a", "Issuer": "i", "KeysFile": "jwt.pem" } }
        }
        """;

    private static readonly (string, string)[] SecretVariables =
    [
        ("CALLER_KEY", $"{Canary}-caller"), ("MODEL_KEY", $"{Canary}-model"), ("PLUGINHOST_API_KEY", $"{Canary}-key"),
        ("PLUGINHOST_ADMIN_KEY", $"{Canary}-admin"), ("UNRELATED_PASSWORD", $"{Canary}-unrelated"),
        ("OTEL_EXPORTER_OTLP_HEADERS", $"api-key={Canary}-otlp"),
    ];

    [Fact]
    public async Task Logs_responses_documents_and_telemetry_contain_no_secret()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var model = await FakeModel.StartAsync(new ModelReply { Status = 401, Error = $"Incorrect API key provided: {Canary}-model" });
        using var folder = CreateFolder(model.Endpoint);
        await using var host = await RunningHost.StartAsync(
            folder,
            [.. SecretVariables, ("Logging__LogLevel__Default", "Trace"), ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.HttpEndpoint), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")]);
        var bodies = new List<string>();
        foreach (var (method, path, json) in Calls())
        {
            foreach (var key in new[] { $"{Canary}-caller", $"{Canary}-key", $"{Canary}-wrong", $"eyJ{Canary}.eyJ{Canary}.{Canary}" })
                bodies.Add((await host.CallAsync(key, method, path, json, ("X-Api-Key", $"{Canary}-header"))).Body);
        }

        await host.StopAsync();

        Assert.Contains(bodies, b => b.Contains("run-failed", StringComparison.Ordinal));
        Assert.DoesNotContain(bodies, b => b.Contains(Canary, StringComparison.Ordinal));
        Assert.DoesNotContain(Canary, host.Transcript, StringComparison.Ordinal);
        Assert.NotEmpty(collector.Received.Spans);
        Assert.DoesNotContain(ReceivedText.GetAll(collector.Received), t => t.Contains(Canary, StringComparison.Ordinal));
        Assert.Contains(model.Requests, r => r.Headers["Authorization"].Contains($"{Canary}-model", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("check")]
    [InlineData("plugins")]
    [InlineData("check", "--Server:ApiKeys:0=canary-7f3a-plain")]
    [InlineData("check", "--Plugins:sqlite-history:ApiKey=canary-7f3a-plain")]
    [InlineData("check", "--Agents:assistant:Model:ApiKey=canary-7f3a-plain")]
    [InlineData("check", "--Agents:assistant:Model:Password=canary-7f3a-plain", "--Sessions:Secret=canary-7f3a-plain")]
    public async Task Commands_print_no_secret(params string[] arguments)
    {
        using var folder = CreateFolder("http://127.0.0.1:9/v1");
        var (_, output, errors) = await RunningHost.RunAsync(folder, arguments, SecretVariables);
        Assert.DoesNotContain(Canary, output + errors, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Method, string Path, string? Json)> Calls() =>
    [
        ("POST", "/v1/runs", """{"input":"hello"}"""), ("GET", "/v1/agents", null), ("GET", "/v1/agents/assistant", null), ("GET", "/v1/plugins", null),
        ("POST", "/v1/reload", null), ("GET", "/openapi/v1.json", null), ("GET", "/v1/sessions", null), ("GET", "/nowhere", null),
    ];

    private static WorkFolder CreateFolder(string endpoint)
    {
        var folder = WorkFolder.Create(Configuration.Replace("MODEL\"", $"{endpoint}\"", StringComparison.Ordinal));
        using var rsa = RSA.Create(2048);
        folder.Write("jwt.pem", rsa.ExportSubjectPublicKeyInfoPem());
        return folder;
    }
}
