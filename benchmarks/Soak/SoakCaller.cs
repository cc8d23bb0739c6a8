using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PluginHost.Benchmarks.Soak;

/// <summary>One caller. It adds the outcome of each request to <see cref="SoakResults"/>.</summary>
internal sealed class SoakCaller(HttpClient client, SoakResults results, string prefix)
{
    private const int RunsPerSession = 10;
    private const string Input = "one two three four five six seven eight nine ten eleven twelve";

    private int _sessions;
    private int _runs;

    private string Session => $"{prefix}-{_sessions}";

    /// <summary>Executes a run. After <see cref="RunsPerSession"/> runs the caller starts a new session and deletes every second old one.</summary>
    public async Task RunAsync(bool stream, CancellationToken cancellationToken)
    {
        var sent = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/sessions/{Session}/runs")
        {
            Content = JsonContent.Create(new JsonObject { ["input"] = $"{_runs} {Input}", ["stream"] = stream }),
        };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)
        {
            results.AddRejection(sent);
            return;
        }

        if (!response.IsSuccessStatusCode)
        {
            results.AddError($"status {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
            return;
        }

        var run = stream ? await ReadLastEventAsync(response, cancellationToken) : await response.Content.ReadFromJsonAsync<JsonNode>(cancellationToken);
        if ((string?)run?["status"] == "completed") results.AddRun(Session, (string)run["id"]!);
        else results.AddError($"run status {run?["status"] ?? "missing"}");
        if (++_runs % RunsPerSession == 0) await StartSessionAsync(cancellationToken);
    }

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        using var response = await client.GetAsync(new Uri($"/v1/sessions/{Session}/messages?limit=50", UriKind.Relative), cancellationToken);
        if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound) results.AddRead();
        else if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)) results.AddError($"read status {(int)response.StatusCode}");
    }

    private async Task StartSessionAsync(CancellationToken cancellationToken)
    {
        if (_sessions % 2 == 0)
        {
            using var response = await client.DeleteAsync(new Uri($"/v1/sessions/{Session}", UriKind.Relative), cancellationToken);
            if (response.StatusCode == HttpStatusCode.OK) results.AddDelete(Session);
            else if (response.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable)) results.AddError($"delete status {(int)response.StatusCode}");
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
