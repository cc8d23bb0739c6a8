using System.Net.Sockets;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Identity;
using Microsoft.Identity.Client;

namespace PluginHost.ModelClients.OpenAI.Entra;

/// <summary>
/// Issues tokens through Azure.Identity. The only class that uses the package: a host without such an agent does not load it.
/// </summary>
/// <param name="options">The identity.</param>
/// <param name="environment">Reads an environment variable. The package itself reads those of the process.</param>
/// <param name="createClient">Creates the HTTP client to the identity's service.</param>
internal sealed class EntraTokens(EntraOptions options, Func<string, string?> environment, Func<HttpClient> createClient) : ITokenSource
{
    private const int MaxReason = 1000;

    private static readonly string[] SecretVariables = ["AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PASSWORD", "IDENTITY_HEADER"];

    private TokenCredential? _credential;

    public string Name => options.Identity.ToString();

    private string Cure => options.Identity switch
    {
        EntraIdentity.ManagedIdentity when options.ClientId is { } id =>
            $"Assign the managed identity {id} (Entra:ClientId) to the Azure resource that the host runs on. A proxy must not get requests to 169.254.169.254: set NO_PROXY.",
        EntraIdentity.ManagedIdentity =>
            "Enable the system-assigned identity of the Azure resource that the host runs on, or set Entra:ClientId. A proxy must not get requests to 169.254.169.254: set NO_PROXY.",
        EntraIdentity.WorkloadIdentity => "Check the federated credential of the application: its issuer is the cluster, its subject the service account of the pod.",
        EntraIdentity.Environment => "Check AZURE_TENANT_ID, AZURE_CLIENT_ID, and that the secret or certificate has not expired.",
        EntraIdentity.AzureCli => "Install the Azure CLI, and run 'az login' as the user that the host runs as.",
        _ => "Set Entra:Identity to the one that should work: its failure says more.",
    };

    public async Task<IssuedToken> IssueAsync(CancellationToken cancellationToken)
    {
        try
        {
            _credential ??= CreateCredential();
            var token = await _credential.GetTokenAsync(new TokenRequestContext([options.Scope]), cancellationToken);
            return new IssuedToken(token.Token, token.ExpiresOn, token.RefreshOn);
        }
        catch (AuthenticationFailedException e)
        {
            throw new TokenException(IsPassing(e), $"{Summarize(e.Message)} {Cure}");
        }
    }

    private TokenCredential CreateCredential() => options.Identity switch
    {
        EntraIdentity.ManagedIdentity => new ManagedIdentityCredential(Prepare(new ManagedIdentityCredentialOptions(
            options.ClientId is { } id ? ManagedIdentityId.FromUserAssignedClientId(id.ToString()) : ManagedIdentityId.SystemAssigned))),
        EntraIdentity.WorkloadIdentity => new WorkloadIdentityCredential(WithIds(new WorkloadIdentityCredentialOptions())),
        EntraIdentity.Environment => new EnvironmentCredential(Prepare(new EnvironmentCredentialOptions())),
        EntraIdentity.AzureCli => new AzureCliCredential(Prepare(new AzureCliCredentialOptions { TenantId = options.TenantId })),
        _ => new DefaultAzureCredential(WithIds(new DefaultAzureCredentialOptions())),
    };

    private WorkloadIdentityCredentialOptions WithIds(WorkloadIdentityCredentialOptions credential)
    {
        // Null would override the variables.
        if (options.ClientId is { } id) credential.ClientId = id.ToString();
        if (options.TenantId is { } tenant) credential.TenantId = tenant;
        return Prepare(credential);
    }

    private DefaultAzureCredentialOptions WithIds(DefaultAzureCredentialOptions credential)
    {
        if (options.ClientId is { } id) credential.ManagedIdentityClientId = credential.WorkloadIdentityClientId = id.ToString();
        if (options.TenantId is { } tenant) credential.TenantId = tenant;
        return Prepare(credential);
    }

    private T Prepare<T>(T credential)
        where T : TokenCredentialOptions
    {
        credential.Transport = new HttpClientTransport(createClient());
        // The model's client retries. Six attempts of the package in each of its attempts would take minutes.
        credential.RetryPolicy = new RetryPolicy(maxRetries: 0);
        credential.Diagnostics.IsDistributedTracingEnabled = false;
        return credential;
    }

    private static bool IsPassing(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            var isPassing = error switch
            {
                HttpRequestException or SocketException or IOException or OperationCanceledException => true,
                MsalServiceException service => IsPassing(service.StatusCode),
                RequestFailedException request => IsPassing(request.Status),
                _ => false,
            };
            if (isPassing) return true;
        }

        return false;
    }

    /// <summary>Azure's metadata service answers 404 and 410 while it is updated. What answers 200 without a token is not the service.</summary>
    private static bool IsPassing(int status) => status is 200 or 404 or 408 or 410 or 429 or >= 500;

    /// <summary>The package's words without the answer that it quotes, without its links and secrets, and with a limited length.</summary>
    private string Summarize(string message)
    {
        var lines = message.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .TakeWhile(static l => !l.StartsWith("Status:", StringComparison.Ordinal) && !l.StartsWith("See the troubleshooting guide", StringComparison.Ordinal));
        var reason = string.Join(' ', lines);
        foreach (var secret in SecretVariables.Select(environment).OfType<string>().Where(static s => s.Length >= 8))
            reason = reason.Replace(secret, "***", StringComparison.Ordinal);
        if (reason.Length > MaxReason) reason = $"{reason.AsSpan(0, MaxReason)}…";
        return reason.EndsWith('.') ? reason : $"{reason}.";
    }
}
