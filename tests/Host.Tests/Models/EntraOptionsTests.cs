using Microsoft.Extensions.Logging.Abstractions;
using PluginHost.ModelClients;
using PluginHost.ModelClients.OpenAI;
using PluginHost.ModelClients.OpenAI.Entra;

namespace PluginHost.Tests.Models;

public sealed class EntraOptionsTests
{
    private const string Azure = "https://name.openai.azure.com/openai/v1";

    private static readonly OpenAIOptions Good = new(Azure, Entra: new EntraOptions());

    [Fact]
    public void A_managed_identity_needs_no_variables_and_a_key_in_the_environment_does_not_matter()
    {
        Assert.Empty(Errors(Good));
        Assert.Empty(Errors(Good, ("OPENAI_API_KEY", "not a key \n")));
        Assert.Empty(Errors(Good with { Endpoint = "http://127.0.0.1:5000/v1", ApiKeyEnvironment = "" }));
    }

    [Fact]
    public void What_belongs_to_a_key_is_refused_all_at_once()
    {
        var errors = Errors(Good with { ApiKeyFile = "key", ApiKeyEnvironment = "MY_KEY", KeyHeader = "api-key", Organization = "org" });

        Assert.Equal(["ApiKeyFile", "ApiKeyEnvironment", "KeyHeader", "Organization"], errors.Select(e => e.Option));
        Assert.Equal("Entra sends a token instead of a key. Remove KeyHeader or Entra.", errors[2].Message);
    }

    [Theory]
    [InlineData("http://name.openai.azure.com/openai/v1", "https")]
    [InlineData("http://10.0.0.1/v1", "https")]
    [InlineData("https://api.openai.com/v1", "https://NAME.openai.azure.com/openai/v1")]
    public void A_token_goes_to_no_endpoint_that_could_leak_it(string endpoint, string cure)
    {
        var error = Assert.Single(Errors(Good with { Endpoint = endpoint }));

        Assert.Equal("Endpoint", error.Option);
        Assert.Contains(cure, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cognitiveservices.azure.com")]
    [InlineData("/.default")]
    [InlineData("https://a .default/.default")]
    public void A_scope_that_no_token_can_have_is_refused(string scope) =>
        Assert.Equal("Entra:Scope", Assert.Single(Errors(With(new(Scope: scope)))).Option);

    [Fact]
    public void Members_that_an_identity_does_not_use_are_refused()
    {
        var id = Guid.NewGuid();
        (string, string)[] variables = [("AZURE_CLIENT_ID", "a"), ("AZURE_TENANT_ID", "b"), ("AZURE_CLIENT_SECRET", "c")];

        Assert.Equal(["Entra:TenantId"], Errors(With(new(ClientId: id, TenantId: "t"))).Select(e => e.Option));
        Assert.Equal(["Entra:ClientId"], Errors(With(new(EntraIdentity.AzureCli, id, "t"))).Select(e => e.Option));
        Assert.Equal(["Entra:ClientId", "Entra:TenantId"], Errors(With(new(EntraIdentity.Environment, id, "t")), variables).Select(e => e.Option));
        Assert.Equal(["Entra:TenantId"], Errors(With(new(EntraIdentity.Default, id, "a tenant"))).Select(e => e.Option));
    }

    [Fact]
    public void Variables_that_an_identity_lacks_are_named_at_start()
    {
        var environment = Errors(With(new(EntraIdentity.Environment)), ("AZURE_CLIENT_ID", "a"));
        var workload = Errors(With(new(EntraIdentity.WorkloadIdentity, TenantId: "t")));

        Assert.Equal("Entra:Identity", Assert.Single(environment).Option);
        Assert.Contains("lacks the environment variables AZURE_TENANT_ID, AZURE_CLIENT_CERTIFICATE_PATH.", environment[0].Message, StringComparison.Ordinal);
        Assert.Contains("lacks the environment variables AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE.", Assert.Single(workload).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_a_variable_names_has_to_exist()
    {
        (string, string)[] variables = [("AZURE_CLIENT_ID", "a"), ("AZURE_TENANT_ID", "b"), ("AZURE_CLIENT_CERTIFICATE_PATH", "/no/such.pem"), ("AZURE_FEDERATED_TOKEN_FILE", "/no/token")];

        Assert.Contains("'/no/such.pem', which AZURE_CLIENT_CERTIFICATE_PATH names", Assert.Single(Errors(With(new(EntraIdentity.Environment)), variables)).Message, StringComparison.Ordinal);
        Assert.Contains("'/no/token', which AZURE_FEDERATED_TOKEN_FILE names", Assert.Single(Errors(With(new(EntraIdentity.WorkloadIdentity)), variables)).Message, StringComparison.Ordinal);
    }

    private static OpenAIOptions With(EntraOptions entra) => Good with { Entra = entra };

    private static IReadOnlyList<ModelOptionsError> Errors(OpenAIOptions options, params (string Name, string Value)[] environment)
    {
        using var clients = new OpenAIChatClients(NullLogger<OpenAIChatClients>.Instance, TimeProvider.System, name => environment.FirstOrDefault(e => e.Name == name).Value);
        try
        {
            clients.Create(null, options).Dispose();
            return [];
        }
        catch (ModelOptionsException e)
        {
            return e.Errors;
        }
    }
}
