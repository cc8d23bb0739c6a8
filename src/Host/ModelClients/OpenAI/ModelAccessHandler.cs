using System.Net;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Adds the current key or token to each attempt of a request.</summary>
internal sealed class ModelAccessHandler(IModelAccess access) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await access.AuthorizeAsync(request, cancellationToken);
        var response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.Unauthorized) access.OnRefused(request);
        return response;
    }
}
