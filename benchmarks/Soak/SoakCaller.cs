using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PluginHost.Benchmarks.Soak;

/// <summary>One caller's requests; all that comes of them is entered in the ledger.</summary>
internal sealed class SoakCaller(HttpClient client, Ledger ledger, string prefix)
{
    private const int RunsOfSession = 10;
    private const string Words = "one two three four five six seven eight nine ten eleven twelve";

    private int _sessions;
    private int _runs;

    private string Session => $"{prefix}-{_sessions}";

    /// <summary>A run, streamed or not; sessions are left after some runs, and every other one is deleted then.</summary>
    public async Task RunAsync(bool stream, CancellationToken cancellationToken)
    {
        var sent = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/sessions/{Session}/runs")
        {
            Content = JsonContent.Create(new JsonObject { ["input"] = $"{_runs} {Words}", ["stream"] = stream }),
        };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
        {
            ledger.Refuse(sent);
            return;
        }

        if (!response.IsSuccessStatusCode)
        {
            ledger.Fail($"status {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
            return;
        }

        var run = stream ? await ReadLastEventAsync(response, cancellationToken) : await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken);
        if ((string?)run?["status"] == "completed") ledger.Acknowledge(Session, (string)run["id"]!);
        else ledger.Fail($"a run ended as {run?["status"] ?? "nothing"}");
        if (++_runs % RunsOfSession == 0) await LeaveAsync(cancellationToken);
    }

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        using var response = await client.GetAsync(new Uri($"/v1/sessions/{Session}/messages?limit=50", UriKind.Relative), cancellationToken);
        if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound) ledger.Read();
        else if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)) ledger.Fail($"a read: {(int)response.StatusCode}");
    }

    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (_sessions % 2 == 0)
        {
            using var response = await client.DeleteAsync(new Uri($"/v1/sessions/{Session}", UriKind.Relative), cancellationToken);
            if (response.StatusCode == HttpStatusCode.OK) ledger.Delete(Session);
            else if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)) ledger.Fail($"a delete: {(int)response.StatusCode}");
        }

        _sessions++;
    }

    private static async Task<JsonNode?> ReadLastEventAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        var last = "";
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("data:", StringComparison.Ordinal)) last = line;
        }

        return last.Length == 0 ? null : JsonSerializer.Deserialize<JsonNode>(last.AsSpan("data:".Length));
    }
}
