using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PluginHost.ModelServer.Embeddings;

/// <summary>
/// A server with OpenAI's interface for embeddings on a real socket. Its vectors count words, where words of one meaning are the same word. It
/// refuses what OpenAI refuses, and sends vectors in the reverse order of their texts. Thread-safe.
/// </summary>
public sealed partial class EmbeddingServer : IAsyncDisposable
{
    private const int DefaultDimensions = 512;

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(int Status, string? RetryAfter, string Message)> _failures = new();
    private readonly ConcurrentQueue<JsonObject> _requests = new();
    private readonly Dictionary<string, string> _meanings = new(StringComparer.Ordinal);

    private EmbeddingServer(WebApplication app)
    {
        _app = app;
        app.MapPost("/v1/embeddings", async (HttpContext http) => await (await AnswerAsync(http)).ExecuteAsync(http));
    }

    public Uri Endpoint => new($"{_app.Urls.First()}/v1");

    /// <summary>The requests that were answered with vectors.</summary>
    public IReadOnlyList<JsonObject> Requests => [.. _requests];

    /// <summary>The key that requests need; null for none.</summary>
    public string? Key { get; init; }

    /// <summary>How many characters a text may have.</summary>
    public int MaxChars { get; init; } = 8192;

    /// <summary>How many texts a request may have.</summary>
    public int MaxInputs { get; init; } = 2048;

    /// <summary>Whether every request fails.</summary>
    public bool IsDown { get; set; }

    /// <summary>Where requests wait; null for nowhere.</summary>
    public Hold? Before { get; set; }

    public static async Task<EmbeddingServer> StartAsync(string? key = null, int maxChars = 8192, int maxInputs = 2048, params IReadOnlyList<string> meanings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new EmbeddingServer(builder.Build()) { Key = key, MaxChars = maxChars, MaxInputs = maxInputs };
        foreach (var group in meanings)
        {
            var words = group.Split(' ');
            foreach (var word in words) server._meanings[word] = words[0];
        }

        await server._app.StartAsync();
        return server;
    }

    /// <summary>Answers the next request with a failure.</summary>
    public void Fail(int status, string? retryAfter = null, string message = "Rate limit reached.") => _failures.Enqueue((status, retryAfter, message));

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();

    private static IResult Refuse(int status, string message) => Results.Json(
        new JsonObject { ["error"] = new JsonObject { ["message"] = message, ["type"] = status == 429 ? "rate_limit_error" : "invalid_request_error" } }, statusCode: status);

    private async Task<IResult> AnswerAsync(HttpContext http)
    {
        if (Before is { } hold) await hold.WaitAsync(http.RequestAborted);
        if (IsDown) return Refuse(503, "The server is overloaded.");
        if (_failures.TryDequeue(out var failure))
        {
            if (failure.RetryAfter is { } seconds) http.Response.Headers.RetryAfter = seconds;
            return Refuse(failure.Status, failure.Message);
        }

        if (Key is { } key && http.Request.Headers.Authorization != $"Bearer {key}") return Refuse(401, "Incorrect API key provided.");
        var request = (await JsonNode.ParseAsync(http.Request.Body))!.AsObject();
        var texts = request["input"]!.AsArray().Select(t => (string)t!).ToList();
        if (texts.Count > MaxInputs) return Refuse(400, $"input array exceeds {MaxInputs} elements.");
        if (texts.Exists(t => t.Length == 0)) return Refuse(400, "input cannot be an empty string.");
        if (texts.Exists(t => t.Length > MaxChars)) return Refuse(400, "This model's maximum context length is exceeded.");
        _requests.Enqueue(request);
        var data = texts.Select((t, i) => (JsonNode)new JsonObject
        {
            ["object"] = "embedding",
            ["index"] = i,
            ["embedding"] = new JsonArray([.. Embed(t, (int?)request["dimensions"] ?? DefaultDimensions).Select(v => (JsonNode)v)]),
        }).Reverse();
        var tokens = texts.Sum(t => t.Length) / 4;
        return Results.Json(new JsonObject
        {
            ["object"] = "list",
            ["data"] = new JsonArray([.. data]),
            ["model"] = (string)request["model"]!,
            ["usage"] = new JsonObject { ["prompt_tokens"] = tokens, ["total_tokens"] = tokens },
        });
    }

    private float[] Embed(string text, int dimensions)
    {
        var vector = new float[dimensions];
        vector[0] = 0.01f;
        foreach (Match match in Word().Matches(text))
        {
            var word = match.Value.ToLower(CultureInfo.InvariantCulture);
            var hash = 2166136261u;
            foreach (var c in _meanings.GetValueOrDefault(word, word)) hash = (hash ^ c) * 16777619u;
            // Short words are in every text and mean little.
            vector[hash % dimensions] += word.Length <= 3 ? 0.1f : 1f;
        }

        return vector;
    }
}
