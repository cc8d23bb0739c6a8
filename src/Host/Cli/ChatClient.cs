using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PluginHost.Cli;

/// <summary>A failed request. The chat shows the message to its user.</summary>
internal sealed class ChatException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>An event of a run.</summary>
internal sealed record ChatEvent(string Name, JsonElement Data);

/// <summary>The requests to the host's HTTP API that a chat needs.</summary>
internal sealed class ChatClient(HttpClient http, string url) : IDisposable
{
    public string Url { get; } = url;

    public static ChatClient Connect(string url, string? key)
    {
        var socket = UnixSocket.GetPath(url);
        var address = socket is not null ? new Uri("http://localhost/") : new Uri(url.TrimEnd('/') + "/");
        var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), UseProxy = !address.IsLoopback };
        if (socket is not null) handler.ConnectCallback = (_, cancellationToken) => UnixSocket.ConnectAsync(socket, cancellationToken);
        // A run has no time limit here: the host limits it.
        var http = new HttpClient(handler) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        if (key is not null) http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return new ChatClient(http, url);
    }

    public async Task<IReadOnlyList<string>> ListAgentsAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/agents");
        using var response = await SendAsync(request, cancellationToken);
        using var agents = JsonDocument.Parse(await response.Content.ReadAsStreamAsync(cancellationToken));
        return [.. agents.RootElement.GetProperty("data").EnumerateArray().Select(a => a.GetProperty("name").GetString()!)];
    }

    /// <summary>Runs an agent.</summary>
    /// <returns>The events of the run; they end early when the connection is lost.</returns>
    public async IAsyncEnumerable<ChatEvent> RunAsync(
        string? session, string? agent, string text, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["input"] = text, ["stream"] = true };
        if (agent is not null) body["agent"] = agent;
        var path = session is null ? "v1/runs" : $"v1/sessions/{Uri.EscapeDataString(session)}/runs";
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Content = JsonContent.Create(body);
        using var response = await SendAsync(request, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(stream, static (_, data) => JsonElement.Parse(data)).EnumerateAsync(cancellationToken))
            yield return new ChatEvent(item.EventType, item.Data);
    }

    public async Task CancelAsync(string session, string run, CancellationToken cancellationToken)
    {
        var path = $"v1/sessions/{Uri.EscapeDataString(session)}/runs/{Uri.EscapeDataString(run)}/cancel";
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        using var response = await SendAsync(request, cancellationToken);
    }

    public void Dispose() => http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException { InnerException: TimeoutException })
        {
            throw new ChatException($"No host responds at {Url}. Start one with: pluginhost. Or set its address with --url.", e);
        }

        if (response.IsSuccessStatusCode) return response;
        using (response) throw new ChatException(await DescribeErrorAsync(response, cancellationToken));
    }

    private static async Task<string> DescribeErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json") return $"The host returned status {status}.";
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStreamAsync(cancellationToken));
        var detail = problem.RootElement.TryGetProperty("detail", out var text) ? text.GetString() : null;
        return status == 401 ? $"{detail} Set the key file with --api-key-file." : $"{detail} ({status})";
    }
}
