using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging.Abstractions;
using PluginHost.ModelClients;
using PluginHost.ModelClients.OpenAI;

namespace PluginHost.Tests.Models;

public sealed class OpenAIOptionsTests
{
    [Fact]
    public void OpenAI_without_a_key_says_where_it_belongs()
    {
        var error = Assert.Single(Errors(new()));

        Assert.Equal("ApiKeyEnvironment", error.Option);
        Assert.Contains("OPENAI_API_KEY", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost:11434")]
    [InlineData("ftp://example.com/v1")]
    [InlineData("http://user:secret@example.com/v1")]
    [InlineData("https://example.com/v1?api-version=1")]
    public void An_endpoint_that_cannot_be_used_is_refused_without_repeating_a_password(string endpoint)
    {
        var error = Assert.Single(Errors(new(endpoint)));

        Assert.Equal("Endpoint", error.Option);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_errors_are_reported_at_once() => Assert.Equal(
        ["ApiKeyFile", "KeyHeader", "TotalTimeoutSeconds"],
        Errors(new(ApiKeyFile: "/does/not/exist", KeyHeader: "api key", TimeoutSeconds: 10, TotalTimeoutSeconds: 5)).Select(e => e.Option));

    [Fact]
    public void A_client_says_which_model_it_calls()
    {
        using var clients = new OpenAIChatClients(NullLogger<OpenAIChatClients>.Instance, TimeProvider.System, _ => "key");
        using var client = clients.Create("gpt-5", new());

        var metadata = client.GetService<ChatClientMetadata>()!;
        Assert.Equal(("openai", "gpt-5", "api.openai.com"), (metadata.ProviderName, metadata.DefaultModelId, metadata.ProviderUri!.Host));
    }

    private static IReadOnlyList<ModelOptionsError> Errors(OpenAIOptions options)
    {
        using var clients = new OpenAIChatClients(NullLogger<OpenAIChatClients>.Instance, TimeProvider.System, _ => null);
        return Assert.Throws<ModelOptionsException>(() => clients.Create(null, options)).Errors;
    }
}
