using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PluginHost.Benchmarks.Runs;

namespace PluginHost.Benchmarks.Load;

/// <summary>
/// Sends runs for a fixed time with a fixed number of connections. Each connection sends the next run when the previous one is answered. The caller is
/// lean, because it shares the processor with what is measured.
/// </summary>
internal sealed class LoadRun : IDisposable
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    private readonly LoadOptions _options;
    private readonly HttpClient _client;
    private readonly string _prefix = $"load-{Guid.NewGuid():N}";
    private readonly ConcurrentDictionary<string, int> _errors = new();
    private readonly int[] _perSecond;
    private bool _isSeeded;

    public LoadRun(LoadOptions options)
    {
        _options = options;
        _perSecond = new int[options.Seconds];
        _client = new(new SocketsHttpHandler { MaxConnectionsPerServer = options.Connections, UseProxy = false })
        {
            BaseAddress = options.Url,
            Timeout = TimeSpan.FromSeconds(30),
        };
        if (options.ApiKey is { } key) _client.DefaultRequestHeaders.Authorization = new("Bearer", key);
    }

    /// <summary>Creates the sessions with their messages, unless that is done.</summary>
    public async Task SeedAsync(CancellationToken cancellationToken)
    {
        if (_isSeeded || _options.Seed == 0) return;
        _isSeeded = true;
        await Parallel.ForAsync(0, _options.Connections, cancellationToken, async (i, ct) => await SeedAsync(i, ct));
    }

    public async Task<LoadResult> RunAsync(CancellationToken cancellationToken)
    {
        await SeedAsync(cancellationToken);
        var begin = Stopwatch.GetTimestamp() + ToTicks(_options.WarmUpSeconds);
        var end = begin + ToTicks(_options.Seconds);
        var latencies = await Task.WhenAll(Enumerable.Range(0, _options.Connections)
            .Select(i => Task.Run(() => SendUntilAsync(i, begin, end, cancellationToken), cancellationToken)));
        return new(_options.Seconds, [.. latencies.SelectMany(l => l).Order()], _perSecond, _errors);
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
        var request = WriteRequest($"/v1/sessions/{_prefix}-{connection}/runs");
        var latencies = new List<double>(10_000);
        RawConnection? open = null;
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                var sent = Stopwatch.GetTimestamp();
                if (sent >= end) break;
                try
                {
                    using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                    limit.CancelAfter(TimeLimit);
                    open ??= await RawConnection.OpenAsync(_options.Url.Host, _options.Url.Port, limit.Token);
                    await open.SendAsync(request, cancellationToken: limit.Token);
                    if (open.Response.IndexOf("\"completed\""u8) < 0) throw new IOException("not completed");
                }
                catch (Exception e) when (e is IOException or SocketException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
                {
                    if (sent >= begin) _errors.AddOrUpdate(e is IOException ? e.Message : e.GetType().Name, 1, (_, n) => n + 1);
                    open?.Dispose();
                    open = null;
                    continue;
                }

                var answered = Stopwatch.GetTimestamp();
                if (sent < begin || answered >= end) continue;
                latencies.Add(Stopwatch.GetElapsedTime(sent, answered).TotalMilliseconds);
                Interlocked.Increment(ref _perSecond[(answered - begin) / Stopwatch.Frequency]);
            }
        }
        finally
        {
            open?.Dispose();
        }

        return latencies;
    }

    private byte[] WriteRequest(string path)
    {
        var body = JsonSerializer.Serialize(new { agent = _options.Agent, input = Conversation.Input, stream = _options.Streamed });
        return RawConnection.CreatePost(_options.Url.Authority, path, body, _options.ApiKey is { } key ? $"Authorization: Bearer {key}" : null);
    }
}
