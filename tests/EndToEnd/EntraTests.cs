using System.Runtime.Versioning;
using System.Text;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Identity;
using PluginHost.Testing;

namespace PluginHost.EndToEnd;

/// <summary>Processes whose agents use a token of Entra ID.</summary>
[Trait("Form", "Long")]
public sealed class EntraTests
{
    private const string Canary = "canary-key-51ab";

    [Fact]
    public async Task A_host_loads_the_packages_of_Azure_only_for_an_agent_with_an_identity()
    {
        await using var identity = await IdentityServer.StartAsync();
        await using var model = await FakeModel.StartAsync();
        using var folder = WorkFolder.CreateShipped();
        (string, string)[] variables = [.. ModelVariables.Create(model), .. Variables(identity)];

        var withKey = await LoadAsync(folder, "key", variables);
        Assert.Equal($"Bearer {Canary}", Assert.Single(model.Requests).Headers["Authorization"]);
        var withIdentity = await LoadAsync(folder, "identity", [.. variables, ("Agents__assistant__Model__Entra__Identity", "ManagedIdentity")]);

        Assert.Contains("Microsoft.Extensions.AI.Abstractions", withKey, StringComparison.Ordinal);
        Assert.DoesNotContain("Azure.", withKey, StringComparison.Ordinal);
        Assert.DoesNotContain("Microsoft.Identity.Client", withKey, StringComparison.Ordinal);
        Assert.Contains("Azure.Identity", withIdentity, StringComparison.Ordinal);
        Assert.Contains("Microsoft.Identity.Client", withIdentity, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parallel_runs_share_a_token_that_is_in_no_output_and_no_telemetry()
    {
        await using var identity = await IdentityServer.StartAsync();
        await using var collector = await OtlpReceiver.StartAsync();
        await using var model = await FakeModel.StartAsync();
        using var folder = WorkFolder.CreateShipped();
        var clientId = Guid.NewGuid();
        await using var host = await RunningHost.StartAsync(
            folder,
            [
                .. ModelVariables.Create(model), .. Variables(identity), ("Agents__assistant__Model__Entra__ClientId", $"{clientId}"),
                ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.GrpcEndpoint), ("Logging__LogLevel__Default", "Trace"),
            ]);

        await Task.WhenAll(Enumerable.Range(0, 5).Select(i => host.Api.AskAsync($"parallel-{i}", "hi")));
        await host.Api.AskAsync("later", "hi");
        await host.StopAsync();

        var token = Assert.Single(identity.GetRequests(clientId)).Token;
        Assert.Equal(6, model.Requests.Count);
        Assert.All(model.Requests, r => Assert.Equal($"Bearer {token}", r.Headers["Authorization"]));
        foreach (var secret in (string[])[token, IdentityServer.Header, Canary])
        {
            Assert.DoesNotContain(secret, host.Transcript, StringComparison.Ordinal);
            Assert.DoesNotContain(ReceivedText.GetAll(collector.Received), t => t.Contains(secret, StringComparison.Ordinal));
            if (secret != token) Assert.DoesNotContain(model.Requests.SelectMany(r => r.Headers.Values), v => v.Contains(secret, StringComparison.Ordinal));
        }

        // The request for the token is one span, and a token that is kept has none.
        Assert.Single(collector.Received.Spans, s => s.Attributes.Values.OfType<string>().Any(v => v.Contains("/msi/token", StringComparison.Ordinal)));
        Assert.DoesNotContain(collector.Received.Spans, s => s.Name.Contains("Credential", StringComparison.Ordinal));
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task The_Azure_CLI_runs_once_for_several_runs()
    {
        await using var model = await FakeModel.StartAsync();
        using var folder = WorkFolder.CreateShipped();
        var program = folder.Write("bin/az", $$"""
            #!/bin/sh
            echo "$@" >> '{{folder["calls"]}}'
            echo '{"accessToken":"token-of-the-cli","expiresOn":"2099-01-01 00:00:00.000000","expires_on":4070908800,"tenant":"t","tokenType":"Bearer"}'
            """);
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await using var host = await RunningHost.StartAsync(
            folder,
            [.. ModelVariables.Create(model), ("Agents__assistant__Model__Entra__Identity", "AzureCli"), ("PATH", $"{folder["bin"]}:{Environment.GetEnvironmentVariable("PATH")}")]);

        await host.Api.AskAsync("a", "hi");
        await host.Api.AskAsync("b", "hi");

        Assert.Contains("https://cognitiveservices.azure.com", Assert.Single(await File.ReadAllLinesAsync(folder["calls"])), StringComparison.Ordinal);
        Assert.All(model.Requests, r => Assert.Equal("Bearer token-of-the-cli", r.Headers["Authorization"]));
        Assert.DoesNotContain("token-of-the-cli", host.Transcript, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "Identty": "AzureCli" }""", "Entra:Identty", "Did you mean 'Identity'?")]
    [InlineData("""{ "Identity": "AzureCLl" }""", "Entra:Identity", "Did you mean 'AzureCli'?")]
    [InlineData("""{ "ClientId": "my-identity" }""", "Entra:ClientId", "GUID")]
    [InlineData("""{ "Scope": "https://cognitiveservices.azure.com" }""", "Entra:Scope", "/.default")]
    [InlineData("""{ "Identity": "Environment" }""", "Entra:Identity", "AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_CLIENT_CERTIFICATE_PATH")]
    [InlineData("""{ "Identity": "WorkloadIdentity" }""", "Entra:Identity", "AZURE_FEDERATED_TOKEN_FILE")]
    [InlineData("""{}, "KeyHeader": "api-key" """, "KeyHeader", "Remove KeyHeader or Entra.")]
    public async Task Check_and_start_say_what_is_wrong_and_open_no_connection(string entra, string path, string cure)
    {
        await using var identity = await IdentityServer.StartAsync();
        await using var model = await FakeModel.StartAsync();
        using var folder = WorkFolder.Create($$"""
            {
              "Agents": { "assistant": { "Model": { "Client": "openai", "Endpoint": "{{model.Endpoint}}", "Entra": {{entra}} }, "Chain": [ { "Plugin": "sqlite-history" } ] } },
              "Sessions": { "Store": { "Plugin": "sqlite-sessions" } }
            }
            """);

        foreach (var arguments in (string[][])[["check"], []])
        {
            var (code, output, errors) = await RunningHost.RunAsync(folder, arguments, ("IDENTITY_ENDPOINT", identity.Endpoint), ("IDENTITY_HEADER", IdentityServer.Header));

            Assert.NotEqual(0, code);
            var line = Assert.Single((output + errors).Split('\n'), l => l.Contains($"Agents:assistant:Model:{path}: ", StringComparison.Ordinal) || l.Contains($"Agents:assistant:Model:Options:{path}: ", StringComparison.Ordinal));
            Assert.Contains(cure, line, StringComparison.Ordinal);
        }

        Assert.Empty(model.Requests);
        Assert.Equal(0, identity.Count);
    }

    private static (string, string)[] Variables(IdentityServer identity) =>
        [("OPENAI_API_KEY", Canary), ("IDENTITY_ENDPOINT", identity.Endpoint), ("IDENTITY_HEADER", IdentityServer.Header)];

    /// <summary>Runs the agent in a host, and returns a text with the names of the assemblies that the host loaded.</summary>
    private static async Task<string> LoadAsync(WorkFolder folder, string name, IEnumerable<(string, string)> variables)
    {
        var trace = folder[$"{name}.nettrace"];
        await using var host = await RunningHost.StartAsync(
            folder,
            [.. variables, ("DOTNET_EnableEventPipe", "1"), ("DOTNET_EventPipeConfig", "Microsoft-Windows-DotNETRuntime:0x8:4"), ("DOTNET_EventPipeOutputPath", trace)]);
        Assert.Equal("Hello there", await host.Api.AskAsync(name, "hi"));
        await host.StopAsync();
        // Names are UTF-16 in the file, at any offset.
        var bytes = await File.ReadAllBytesAsync(trace);
        return Encoding.Unicode.GetString(bytes) + Encoding.Unicode.GetString(bytes.AsSpan(1));
    }
}
