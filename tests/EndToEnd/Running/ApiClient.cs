using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd.Running;

/// <summary>A client of the host's HTTP API. Thread-safe.</summary>
internal sealed class ApiClient : IDisposable
{
    private const string UnixScheme = "http://unix:";

    public ApiClient(string address)
    {
        var handler = new SocketsHttpHandler();
        if (address.StartsWith(UnixScheme, StringComparison.Ordinal))
        {
            var socketPath = address[UnixScheme.Length..];
            handler.ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            };
            address = "http://localhost";
        }

        Http = new HttpClient(handler) { BaseAddress = new Uri(address), Timeout = ChildProcess.TimeLimit };
    }

    public HttpClient Http { get; }

    /// <summary>Runs the only agent and returns the run.</summary>
    public Task<JsonNode> RunAsync(string session, string input) =>
        PostAsync($"/v1/sessions/{session}/runs", new JsonObject { ["input"] = input });

    /// <summary>Runs the only agent and returns the text of its answer.</summary>
    public async Task<string> AskAsync(string session, string input) => (string)(await RunAsync(session, input))["text"]!;

    /// <summary>Runs an agent and returns the text of its answer.</summary>
    public async Task<string> AskAgentAsync(string agent, string session, string input) =>
        (string)(await PostAsync($"/v1/sessions/{session}/runs", new JsonObject { ["agent"] = agent, ["input"] = input }))["text"]!;

    public async Task<JsonNode> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await Http.GetAsync(new Uri(path, UriKind.Relative));
        return await ReadAsync(response, expected);
    }

    /// <summary>Runs the only agent. Several calls with the same idempotency key are one run.</summary>
    public async Task<JsonNode> RunAsync(string session, string input, string key, string? agent = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/sessions/{session}/runs")
        {
            Content = JsonContent.Create(agent is null ? new JsonObject { ["input"] = input } : new JsonObject { ["agent"] = agent, ["input"] = input }),
            Headers = { { "Idempotency-Key", key } },
        };
        using var response = await Http.SendAsync(request);
        return await ReadAsync(response, HttpStatusCode.OK);
    }

    public async Task<JsonNode> PostAsync(string path, JsonNode? body = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var response = await Http.PostAsync(new Uri(path, UriKind.Relative), body is null ? null : JsonContent.Create(body));
        return await ReadAsync(response, expected);
    }

    /// <summary>Reads all pages of a list.</summary>
    public async Task<IReadOnlyList<JsonNode>> ListAsync(string path)
    {
        var all = new List<JsonNode>();
        while (true)
        {
            var page = await GetAsync($"{path}?limit=100{(all.Count == 0 ? "" : $"&after={all[^1]["id"]}")}");
            all.AddRange(page["data"]!.AsArray().Select(item => item!));
            if (!page["has_more"]!.GetValue<bool>()) return all;
        }
    }

    public async Task<IReadOnlyList<StoredMessage>> ListMessagesAsync(string session) =>
        [.. (await ListAsync($"/v1/sessions/{session}/messages")).Select(StoredMessage.From)];

    public Task<IReadOnlyList<JsonNode>> ListRunsAsync(string session) => ListAsync($"/v1/sessions/{session}/runs");

    public void Dispose() => Http.Dispose();

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response, HttpStatusCode expected)
    {
        var body = await response.Content.ReadAsStringAsync();
        var request = response.RequestMessage!;
        Assert.True(response.StatusCode == expected, $"{request.Method} {request.RequestUri}: {(int)response.StatusCode} {body}");
        return JsonNode.Parse(body)!;
    }
}
