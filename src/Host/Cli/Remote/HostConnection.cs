using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PluginHost.Cli.Remote;

/// <summary>A failed request to a running host. The commands show the message to their user.</summary>
internal sealed class HostCallException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Requests of the commands to a running host, with the errors that its user can act on.</summary>
internal sealed class HostConnection(HttpClient http, string url) : IDisposable
{
    public string Url { get; } = url;

    /// <exception cref="UriFormatException">The address is not one of a host.</exception>
    public static HostConnection Open(string url, string? key)
    {
        var socket = UnixSocket.GetPath(url);
        var address = socket is not null
            ? new Uri("http://localhost/")
            : FindTarget(url.TrimEnd('/') + "/") ?? throw new UriFormatException($"--url: '{url}' is neither http://host:port nor unix:/path.");
        var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), UseProxy = !address.IsLoopback };
        if (socket is not null) handler.ConnectCallback = (_, cancellationToken) => UnixSocket.ConnectAsync(socket, cancellationToken);
        // A run has no time limit here: the host limits it.
        var http = new HttpClient(handler) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        if (key is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return new HostConnection(http, url);
    }

    /// <summary>The address to call for one that a host listens on: a loopback address for all addresses. Null when it is not one of HTTP.</summary>
    public static Uri? FindTarget(string address)
    {
        var reachable = address.Replace("//+", "//127.0.0.1", StringComparison.Ordinal).Replace("//*", "//127.0.0.1", StringComparison.Ordinal)
            .Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal).Replace("//[::]", "//[::1]", StringComparison.Ordinal);
        return Uri.TryCreate(reachable, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https") ? uri : null;
    }

    /// <summary>Sends a request. An answer other than success is an error.</summary>
    /// <exception cref="HostCallException">No host responds, or it refused the request.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException { InnerException: TimeoutException })
        {
            throw new HostCallException($"No host responds at {Url}. Start one with: pluginhost. Or set its address with --url.", e);
        }

        if (response.IsSuccessStatusCode) return response;
        using (response) throw new HostCallException(await DescribeErrorAsync(response, cancellationToken));
    }

    public Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => CallAsync(HttpMethod.Get, path, null, cancellationToken);

    public Task<JsonElement> PostAsync(string path, JsonNode body, CancellationToken cancellationToken) =>
        CallAsync(HttpMethod.Post, path, body, cancellationToken);

    public void Dispose() => http.Dispose();

    private async Task<JsonElement> CallAsync(HttpMethod method, string path, JsonNode? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = JsonContent.Create(body);
        using var response = await SendAsync(request, cancellationToken);
        try
        {
            return JsonElement.Parse(await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (JsonException e)
        {
            throw new HostCallException($"What answers at {Url} is not a PluginHost: its answer is not JSON.", e);
        }
        catch (HttpRequestException e)
        {
            throw new HostCallException($"The connection to {Url} was lost before the end of the answer.", e);
        }
    }

    /// <summary>What a refusal says: the detail of its problem, else its status.</summary>
    public static async Task<string> DescribeErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json") return $"The host returned status {status}.";
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStreamAsync(cancellationToken));
        var detail = problem.RootElement.TryGetProperty("detail", out var text) ? text.GetString() : null;
        return status == 401 ? $"{detail} Set the key file with --api-key-file, or the key in {RemoteOptions.KeyVariable}." : $"{detail} ({status})";
    }
}
