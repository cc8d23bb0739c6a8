using System.Net.Http.Headers;

namespace PluginHost.ModelClients.OpenAI;

/// <summary>Puts the key on each attempt, as it is at that moment.</summary>
internal sealed class KeyHandler(ModelKey key, string header) : DelegatingHandler
{
    private const string Bearer = "Authorization";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // The client library had to be given some key; it is not to be sent.
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
            // Servers without authentication take any key; some client libraries' servers insist on one.
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "none");
        }

        return base.SendAsync(request, cancellationToken);
    }
}
