namespace PluginHost.ModelClients.OpenAI.Entra;

/// <summary>Where the identity of the host comes from.</summary>
internal enum EntraIdentity
{
    /// <summary>The managed identity of the Azure resource that the host runs on.</summary>
    ManagedIdentity,

    /// <summary>The service account of a pod in Kubernetes, by a federated credential.</summary>
    WorkloadIdentity,

    /// <summary>An application whose secret or certificate the environment variables of Azure name.</summary>
    Environment,

    /// <summary>The user who is logged in to the Azure CLI.</summary>
    AzureCli,

    /// <summary>The first identity that works, as <c>DefaultAzureCredential</c> tries them.</summary>
    Default,
}

/// <summary>An identity in Microsoft Entra ID. No secret is part of it.</summary>
/// <param name="Identity">Where the identity comes from.</param>
/// <param name="ClientId">
/// The client id of a user-assigned managed identity, or of the application of a workload identity; null for the system-assigned
/// identity, or for <c>AZURE_CLIENT_ID</c>.
/// </param>
/// <param name="TenantId">The tenant, by id or domain; null for <c>AZURE_TENANT_ID</c>, or the tenant of the identity.</param>
/// <param name="Scope">What the token is for.</param>
internal sealed record EntraOptions(
    EntraIdentity Identity = EntraIdentity.ManagedIdentity,
    Guid? ClientId = null,
    string? TenantId = null,
    string Scope = "https://cognitiveservices.azure.com/.default");
