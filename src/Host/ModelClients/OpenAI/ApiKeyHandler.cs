using System.Net.Http.Headers;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Adds the current key to each attempt of a request.</summary>
internal sealed class ApiKeyHandler(ModelKey key, string header) : DelegatingHandler
{
    private const string Bearer = "Authorization";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // Another attempt may have added an older key.
        request.Headers.Authorization = null;
        if (key.Read() is { } value)
        {
            if (header.Equals(Bearer, StringComparison.OrdinalIgnoreCase)) request.Headers.Authorization = new("Bearer", value);
            else
            {
                request.Headers.Remove(header);
                request.Headers.TryAddWithoutValidation(header, value);
            }
        }
        else
        {
            // Some servers without authentication require a key but accept any.
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "none");
        }

        return base.SendAsync(request, cancellationToken);
    }
}
