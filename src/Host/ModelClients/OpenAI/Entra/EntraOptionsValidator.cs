using System.Runtime.CompilerServices;

namespace PluginHost.ModelClients.OpenAI.Entra;

/// <summary>Validates the options of an agent with an identity in Entra ID, and the variables that the identity needs. Opens no connection.</summary>
internal sealed class EntraOptionsValidator(OpenAIOptions options, EntraOptions entra, Func<string, string?> environment)
{
    private const string ScopeSuffix = "/.default";

    private readonly List<ModelOptionsError> _errors = [];

    public IReadOnlyList<ModelOptionsError> Validate()
    {
        ValidateEndpoint(new Uri(options.Endpoint));
        ValidateKey();
        ValidateMembers();
        ValidateVariables();
        return _errors;
    }

    /// <summary>A token is as good as a key for the time that it is valid.</summary>
    private void ValidateEndpoint(Uri endpoint)
    {
        if (endpoint.Scheme != Uri.UriSchemeHttps && !endpoint.IsLoopback)
            Add("A token of Entra ID is not sent without encryption. Use an https address.", nameof(options.Endpoint));
        if (endpoint.Host.Equals("api.openai.com", StringComparison.OrdinalIgnoreCase))
            Add("OpenAI takes no tokens of Entra ID. Set Endpoint to the address of Azure OpenAI, https://NAME.openai.azure.com/openai/v1, or remove Entra.", nameof(options.Endpoint));
    }

    private void ValidateKey()
    {
        if (options.ApiKeyFile is not null) AddConflict(options.ApiKeyFile);
        if (options.ApiKeyEnvironment is not ("" or OpenAIOptions.DefaultKeyVariable)) AddConflict(options.ApiKeyEnvironment);
        if (!options.KeyHeader.Equals("Authorization", StringComparison.OrdinalIgnoreCase)) AddConflict(options.KeyHeader);
        if (options.Organization is not null) Add("An organization belongs to a key of OpenAI, and Entra sends a token instead. Remove one of the two.", nameof(options.Organization));
    }

    private void ValidateMembers()
    {
        if (entra.ClientId is not null && entra.Identity is EntraIdentity.Environment or EntraIdentity.AzureCli)
            AddMember(nameof(entra.ClientId), $"The identity {entra.Identity} does not use it. {(entra.Identity == EntraIdentity.Environment ? "Set AZURE_CLIENT_ID instead." : "Remove it.")}");
        if (entra.TenantId is not null && entra.Identity is EntraIdentity.ManagedIdentity or EntraIdentity.Environment)
            AddMember(nameof(entra.TenantId), $"The identity {entra.Identity} does not use it. {(entra.Identity == EntraIdentity.Environment ? "Set AZURE_TENANT_ID instead." : "Remove it.")}");
        if (entra.TenantId is { } tenant && (tenant.Length == 0 || !tenant.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.')))
            AddMember(nameof(entra.TenantId), $"'{tenant}' is not the id or the domain of a tenant.");
        if (!entra.Scope.EndsWith(ScopeSuffix, StringComparison.Ordinal) || entra.Scope.Length == ScopeSuffix.Length || entra.Scope.Any(char.IsWhiteSpace))
            AddMember(nameof(entra.Scope), $"'{entra.Scope}' is not a scope of an application. It ends in {ScopeSuffix}, as in {new EntraOptions().Scope}.");
    }

    private void ValidateVariables()
    {
        var missing = entra.Identity switch
        {
            EntraIdentity.WorkloadIdentity => FindMissing(
                entra.ClientId is null ? "AZURE_CLIENT_ID" : null, entra.TenantId is null ? "AZURE_TENANT_ID" : null, "AZURE_FEDERATED_TOKEN_FILE"),
            EntraIdentity.Environment when environment("AZURE_CLIENT_SECRET") is null or "" => FindMissing("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_CERTIFICATE_PATH"),
            EntraIdentity.Environment => FindMissing("AZURE_CLIENT_ID", "AZURE_TENANT_ID"),
            _ => [],
        };
        if (missing.Count > 0)
        {
            var cure = entra.Identity == EntraIdentity.WorkloadIdentity
                ? "Kubernetes sets them for a pod with the label azure.workload.identity/use and a service account that names the application."
                : "It needs AZURE_CLIENT_ID, AZURE_TENANT_ID, and AZURE_CLIENT_SECRET or AZURE_CLIENT_CERTIFICATE_PATH.";
            AddMember(nameof(entra.Identity), $"The identity {entra.Identity} lacks the environment variables {string.Join(", ", missing)}. {cure}");
        }
        else if (entra.Identity == EntraIdentity.WorkloadIdentity)
        {
            ValidateFile("AZURE_FEDERATED_TOKEN_FILE");
        }
        else if (entra.Identity == EntraIdentity.Environment && environment("AZURE_CLIENT_SECRET") is null or "")
        {
            ValidateFile("AZURE_CLIENT_CERTIFICATE_PATH");
        }
    }

    private List<string> FindMissing(params IEnumerable<string?> names) => [.. names.OfType<string>().Where(n => string.IsNullOrEmpty(environment(n)))];

    private void ValidateFile(string variable)
    {
        if (!File.Exists(environment(variable))) AddMember(nameof(entra.Identity), $"There is no file '{environment(variable)}', which {variable} names.");
    }

    private void AddConflict(string value, [CallerArgumentExpression(nameof(value))] string option = "")
    {
        var name = option[(option.LastIndexOf('.') + 1)..];
        Add($"Entra sends a token instead of a key. Remove {name} or Entra.", name);
    }

    private void AddMember(string member, string message) => Add(message, $"{nameof(options.Entra)}:{member}");

    private void Add(string message, string option) => _errors.Add(new(option, message));
}
