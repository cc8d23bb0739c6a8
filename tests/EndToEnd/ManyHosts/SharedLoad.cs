using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PluginHost.Postgres.Tests.Server;

namespace PluginHost.EndToEnd.ManyHosts;

/// <summary>
/// Callers with one session each. Each sends numbered runs, one after the other, through hosts chosen at random, and repeats each with its key until it is
/// acknowledged. Afterwards everything is read back and checked.
/// </summary>
internal sealed class SharedLoad(int callers, Func<ApiClient> choose)
{
    /// <summary>How long a caller waits before it repeats a run.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Longer than any fault, with a restart of the database and a takeover one after the other.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly int[] _acknowledged = new int[callers];
    private readonly ConcurrentBag<TimeSpan> _times = [];

    public int Acknowledged => _acknowledged.Sum();

    /// <summary>How long the slowest acknowledgements took, with all their repetitions.</summary>
    public TimeSpan Slowest => _times.Max();

    /// <summary>Sends until it is to stop. Each run that was begun is acknowledged before it ends.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
    {
        for (var i = 1; !stop.IsCancellationRequested; i++)
        {
            var sent = Stopwatch.GetTimestamp();
            while (await TrySendAsync(caller, i) is { } answer)
            {
                Assert.True(Stopwatch.GetElapsedTime(sent) < Limit, $"Run {caller}:{i} was not acknowledged within {Limit}. The last answer: {answer}");
                await Task.Delay(Pause, TimeProvider.System, CancellationToken.None);
            }

            _times.Add(Stopwatch.GetElapsedTime(sent));
            Volatile.Write(ref _acknowledged[caller], i);
        }
    }));

    /// <summary>Waits until some more runs are acknowledged.</summary>
    public Task WaitForMoreAsync(int runs)
    {
        var expected = Acknowledged + runs;
        return PostgresServer.WaitAsync(() => Task.FromResult(Acknowledged >= expected));
    }

    /// <summary>Every acknowledged run is stored once, in order, with its answer behind it, and nothing else.</summary>
    public async Task CheckAsync(ApiClient api)
    {
        for (var caller = 0; caller < callers; caller++)
        {
            var messages = await api.ListMessagesAsync($"s{caller}");
            var expected = Enumerable.Range(1, _acknowledged[caller]).SelectMany(i => new[] { $"{caller}:{i}", $"Echo: {caller}:{i} (" });
            Assert.Equal(expected, messages.Select(m => m.Role == "user" ? m.Text : m.Text[..(m.Text.IndexOf('(', StringComparison.Ordinal) + 1)]));
            Assert.Equal(_acknowledged[caller], (await api.ListRunsAsync($"s{caller}")).Count(r => (string)r["status"]! == "completed"));
        }
    }

    /// <returns>Null when the run is acknowledged; otherwise what came instead.</returns>
    private async Task<string?> TrySendAsync(int caller, int number)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/sessions/s{caller}/runs")
        {
            Content = JsonContent.Create(new JsonObject { ["agent"] = "assistant", ["input"] = $"{caller}:{number}" }),
            Headers = { { "Idempotency-Key", $"{caller}:{number}" } },
        };
        try
        {
            using var response = await choose().Http.SendAsync(request, timeout.Token);
            var body = await response.Content.ReadAsStringAsync(timeout.Token);
            if (response.IsSuccessStatusCode && (string)JsonNode.Parse(body)!["status"]! == "completed") return null;
            Assert.True(response.IsSuccessStatusCode || (int)response.StatusCode is 408 or 409 or >= 500, $"{(int)response.StatusCode} {body}");
            return $"{(int)response.StatusCode} {body}";
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // The host is dead, or suspended.
            return e.Message;
        }
    }
}
