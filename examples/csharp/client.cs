// Four ways to run an agent, with a small client that survives lost connections: a run is sent again with the same Idempotency-Key, which
// joins it or returns its result, and a stream continues behind the last event that arrived. Start a host first, then: dotnet run client.cs
using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

var client = new Client(Environment.GetEnvironmentVariable("PLUGINHOST_URL"), Environment.GetEnvironmentVariable("PLUGINHOST_API_KEY"));
var session = Environment.GetEnvironmentVariable("SESSION") ?? "csharp";

// The whole answer at once.
Console.WriteLine($"run: {(await client.RunAsync(session, "hi"))["text"]}");

// The answer while it is written.
var text = "";
await foreach (var (name, data) in client.StreamAsync(session, "tell me more"))
{
    if (name == "message.delta") text += data["text"];
}

Console.WriteLine($"stream: {text}");

// A tool of this program: the run ends when the model calls it, and its result is the next input.
var weather = JsonNode.Parse("""{ "name": "weather", "description": "The weather in a city.", "parameters": { "type": "object", "properties": { "city": { "type": "string" } } } }""");
var asked = await client.RunAsync(session, """call weather {"city":"Rome"}""", new JsonObject { ["options"] = new JsonObject { ["tools"] = new JsonArray(weather) } });
var call = asked["output"]!.AsArray()[^1]!["content"]![0]!;
var result = new JsonObject { ["type"] = "function_result", ["call_id"] = call["call_id"]!.DeepClone(), ["result"] = $"sunny in {call["arguments"]!["city"]}" };
var answer = await client.RunAsync(session, new JsonArray(new JsonObject { ["role"] = "tool", ["content"] = new JsonArray(result) }));
Console.WriteLine($"tool: {answer["text"]}");

// In the background: the run continues without this program, and any program can attach to it.
var started = await client.RunAsync(session, "take your time", new JsonObject { ["background"] = true });
JsonNode? end = null;
await foreach (var (_, data) in client.AttachAsync(session, (string)started["id"]!)) end = data;
Console.WriteLine($"background: {end!["text"]}");

/// <summary>The host refused a request, or a run failed.</summary>
internal sealed class ProblemException(JsonNode problem, HttpStatusCode status, TimeSpan? retryAfter) : Exception((string?)problem["detail"])
{
    public JsonNode Problem => problem;

    // A failed run is 500, 502 or 504. It would run again, and its tools could act twice: the caller decides that.
    public bool IsRetried =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable && (string?)problem["type"] != "/problems/run-refused";

    public TimeSpan? RetryAfter => retryAfter;
}

internal sealed class Client
{
    private const int Attempts = 6;
    private static readonly string[] Last = ["run.completed", "run.failed", "run.cancelled", "run.requires_action"];

    // A run has no time limit here: the host limits it.
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };

    public Client(string? url = null, string? key = null)
    {
        _http.BaseAddress = new Uri(url ?? "http://127.0.0.1:5080");
        if (key is not null) _http.DefaultRequestHeaders.Authorization = new("Bearer", key);
    }

    /// <summary>Runs an agent and returns the run when it has ended.</summary>
    public Task<JsonNode> RunAsync(string session, JsonNode input, JsonObject? fields = null)
    {
        var (body, key) = (CreateBody(input, fields), Guid.NewGuid().ToString());
        return RetryAsync(async () =>
        {
            using var response = await SendAsync(HttpMethod.Post, RunsOf(session), body, ("Idempotency-Key", key));
            return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        });
    }

    /// <summary>Runs an agent and yields its events while it works. The last event has the whole run.</summary>
    public IAsyncEnumerable<(string Name, JsonNode Data)> StreamAsync(string session, JsonNode input)
    {
        // The same key joins the run and gives its events from the first.
        var (body, key) = (CreateBody(input, new JsonObject { ["stream"] = true }), Guid.NewGuid().ToString());
        return EventsAsync(_ => SendAsync(HttpMethod.Post, RunsOf(session), body, ("Idempotency-Key", key)));
    }

    /// <summary>Yields the events of a run, also of one in the background.</summary>
    public IAsyncEnumerable<(string Name, JsonNode Data)> AttachAsync(string session, string run) =>
        EventsAsync(seen => SendAsync(HttpMethod.Get, $"{RunsOf(session)}/{run}/events", null, ("Last-Event-ID", $"{seen}")));

    private async IAsyncEnumerable<(string Name, JsonNode Data)> EventsAsync(Func<int, Task<HttpResponseMessage>> open)
    {
        var seen = 0;
        for (var failures = 0; failures < Attempts; failures++)
        {
            using var response = await RetryAsync(() => open(seen));
            await using var items = SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().GetAsyncEnumerator();
            while (await TryMoveAsync(items))
            {
                var id = int.Parse(items.Current.EventId!);
                if (id <= seen) continue;
                (seen, failures) = (id, 0);
                yield return (items.Current.EventType, JsonNode.Parse(items.Current.Data)!);
                if (Last.Contains(items.Current.EventType)) yield break;
            }

            await Task.Delay(TimeSpan.FromSeconds(0.1 * Math.Pow(2, failures)));
        }

        throw new IOException("The stream was lost too often.");
    }

    /// <returns>False at the end, and when the connection is lost.</returns>
    private static async Task<bool> TryMoveAsync(IAsyncEnumerator<SseItem<string>> items)
    {
        try
        {
            return await items.MoveNextAsync();
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<T> RetryAsync<T>(Func<Task<T>> call)
    {
        for (var attempt = 1; ; attempt++)
        {
            var wait = TimeSpan.FromSeconds(0.1 * Math.Pow(2, attempt));
            try
            {
                return await call();
            }
            catch (Exception e) when (attempt < Attempts && e is ProblemException { IsRetried: true } or HttpRequestException or IOException or JsonException)
            {
                wait = (e as ProblemException)?.RetryAfter ?? wait;
            }

            await Task.Delay(wait);
        }
    }

    // An id may come from a user, and must not lead to another session.
    private static string RunsOf(string session) => $"/v1/sessions/{Uri.EscapeDataString(session)}/runs";

    private static string CreateBody(JsonNode input, JsonObject? fields)
    {
        var body = (JsonObject?)fields?.DeepClone() ?? [];
        body["input"] = input.DeepClone();
        return body.ToJsonString();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? body, (string Name, string Value) header)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        request.Headers.Add(header.Name, header.Value);
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (response.IsSuccessStatusCode) return response;
        using (response)
            throw new ProblemException(await ReadProblemAsync(response), response.StatusCode, response.Headers.RetryAfter?.Delta);
    }

    /// <summary>The problem document of an error, or a short one when a proxy answered.</summary>
    private static async Task<JsonNode> ReadProblemAsync(HttpResponseMessage response)
    {
        try
        {
            if (JsonNode.Parse(await response.Content.ReadAsStringAsync()) is JsonObject problem) return problem;
        }
        catch (Exception e) when (e is JsonException or HttpRequestException or IOException)
        {
            // The status says enough.
        }

        return new JsonObject { ["detail"] = $"Status {(int)response.StatusCode}." };
    }
}
