using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PluginHost.Cli.Remote;

/// <summary>An event of a run.</summary>
internal sealed record ChatEvent(string Name, JsonElement Data);

/// <summary>The requests to the host's HTTP API that a chat needs.</summary>
internal sealed class ChatClient(HostConnection connection) : IDisposable
{
    public string Url => connection.Url;

    public static ChatClient Connect(string url, string? key) => new(HostConnection.Open(url, key));

    public async Task<IReadOnlyList<string>> ListAgentsAsync(CancellationToken cancellationToken)
    {
        var agents = await connection.GetAsync("v1/agents", cancellationToken);
        return [.. agents.GetProperty("data").EnumerateArray().Select(a => a.GetProperty("name").GetString()!)];
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
        using var response = await connection.SendAsync(request, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (var item in SseParser.Create(stream, static (_, data) => JsonElement.Parse(data)).EnumerateAsync(cancellationToken))
            yield return new ChatEvent(item.EventType, item.Data);
    }

    public async Task CancelAsync(string session, string run, CancellationToken cancellationToken)
    {
        var path = $"v1/sessions/{Uri.EscapeDataString(session)}/runs/{Uri.EscapeDataString(run)}/cancel";
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        using var response = await connection.SendAsync(request, cancellationToken);
    }

    public void Dispose() => connection.Dispose();
}
