using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PluginHost.Cli;

/// <summary>Something that the chat tells its user, and ends.</summary>
internal sealed class ChatException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>An event of a run.</summary>
internal sealed record ChatEvent(string Name, JsonElement Data);

/// <summary>The calls of the host's HTTP API that a chat needs.</summary>
internal sealed class ChatClient(HttpClient http, string url) : IDisposable
{
    public string Url { get; } = url;

    public static ChatClient Connect(string url, string? key)
    {
        var isSocket = url.StartsWith("unix:", StringComparison.Ordinal);
        var address = isSocket ? new Uri("http://localhost/") : new Uri(url.TrimEnd('/') + "/");
        var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), UseProxy = !address.IsLoopback };
        if (isSocket) handler.ConnectCallback = (_, cancellationToken) => ConnectAsync(url["unix:".Length..], cancellationToken);
        // Runs take as long as they take.
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
    /// <returns>The events up to the last one; they end early when the connection breaks.</returns>
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
            throw new ChatException($"No host answers at {Url}. Start one with: pluginhost (or name its address with --url).", e);
        }

        if (response.IsSuccessStatusCode) return response;
        using (response) throw new ChatException(await ExplainAsync(response, cancellationToken));
    }

    private static async Task<string> ExplainAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        if (response.Content.Headers.ContentType?.MediaType != "application/problem+json") return $"The host answered {status}.";
        using var problem = JsonDocument.Parse(await response.Content.ReadAsStreamAsync(cancellationToken));
        var detail = problem.RootElement.TryGetProperty("detail", out var text) ? text.GetString() : null;
        return status == 401 ? $"{detail} Name a file that holds one with --api-key-file." : $"{detail} ({status})";
    }

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        if (path.StartsWith("//", StringComparison.Ordinal)) path = path[2..];
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
