using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Benchmarks.Runs;

namespace PluginHost.Benchmarks.Load;

/// <summary>Sends runs for a fixed time with a fixed number of connections. Each connection sends the next run when the previous one is answered.</summary>
internal sealed class LoadRun : IDisposable
{
    private readonly LoadOptions _options;
    private readonly HttpClient _client;
    private readonly byte[] _body;
    private readonly string _prefix = $"load-{Guid.NewGuid():N}";
    private readonly ConcurrentDictionary<string, int> _errors = new();

    public LoadRun(LoadOptions options)
    {
        _options = options;
        _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = options.Connections, UseProxy = false })
        {
            BaseAddress = options.Url,
            Timeout = TimeSpan.FromSeconds(30),
        };
        if (options.ApiKey is { } key) _client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        _body = JsonSerializer.SerializeToUtf8Bytes(new { agent = options.Agent, input = Conversation.Input });
    }

    public async Task<LoadResult> RunAsync(CancellationToken cancellationToken)
    {
        if (_options.Seed > 0) await Parallel.ForAsync(0, _options.Connections, cancellationToken, async (i, ct) => await SeedAsync(i, ct));
        var begin = Stopwatch.GetTimestamp() + ToTicks(_options.WarmUpSeconds);
        var end = begin + ToTicks(_options.Seconds);
        var latencies = await Task.WhenAll(Enumerable.Range(0, _options.Connections)
            .Select(i => Task.Run(() => SendUntilAsync(i, begin, end, cancellationToken), cancellationToken)));
        return new(_options.Seconds, [.. latencies.SelectMany(l => l).Order()], _errors);
    }

    public void Dispose() => _client.Dispose();

    private static long ToTicks(int seconds) => seconds * Stopwatch.Frequency;

    private async Task SeedAsync(int connection, CancellationToken cancellationToken)
    {
        var messages = Conversation.Create(_options.Seed).Select(JsonNode (m) => new JsonObject { ["role"] = m.Role.Value, ["content"] = m.Text });
        var body = new JsonObject { ["id"] = $"{_prefix}-{connection}", ["messages"] = new JsonArray([.. messages]) };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await _client.PostAsync(new Uri("/v1/sessions", UriKind.Relative), content, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"Seeding failed with {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
    }

    private async Task<List<double>> SendUntilAsync(int connection, long begin, long end, CancellationToken cancellationToken)
    {
        var target = new Uri($"/v1/sessions/{_prefix}-{connection}/runs", UriKind.Relative);
        var latencies = new List<double>(10_000);
        while (!cancellationToken.IsCancellationRequested)
        {
            var sent = Stopwatch.GetTimestamp();
            if (sent >= end) break;
            var succeeded = await SendAsync(target, countErrors: sent >= begin, cancellationToken);
            var answered = Stopwatch.GetTimestamp();
            if (succeeded && sent >= begin && answered < end) latencies.Add(Stopwatch.GetElapsedTime(sent, answered).TotalMilliseconds);
        }

        return latencies;
    }

    private async Task<bool> SendAsync(Uri target, bool countErrors, CancellationToken cancellationToken)
    {
        string error;
        try
        {
            using var content = new ByteArrayContent(_body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            using var response = await _client.PostAsync(target, content, cancellationToken);
            var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            if (response.IsSuccessStatusCode && answer.AsSpan().IndexOf("\"completed\""u8) >= 0) return true;
            error = $"status {(int)response.StatusCode}";
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            error = e.GetType().Name;
        }

        if (countErrors) _errors.AddOrUpdate(error, 1, (_, n) => n + 1);
        return false;
    }
}
