using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PluginHost.ModelServer.Ollama;

/// <summary>One answer of the server.</summary>
/// <param name="Messages">The messages of the lines, each a piece of the answer.</param>
public sealed record OllamaReply(params JsonObject[] Messages)
{
    public int Status { get; init; } = 200;

    /// <summary>The error: of the answer, or in the middle of it when the status is 200.</summary>
    public string? Error { get; init; }

    public string DoneReason { get; init; } = "stop";

    /// <summary>Whether the connection breaks in the middle of the answer.</summary>
    public bool BreakOff { get; init; }

    /// <summary>Whether the answer ends without its last line.</summary>
    public bool EndEarly { get; init; }

    /// <summary>Where the server waits after the first line.</summary>
    public Hold? AfterFirstLine { get; init; }

    /// <summary>How many bytes are sent at a time.</summary>
    public int PieceBytes { get; init; } = int.MaxValue;

    public static JsonObject Text(string text) => new() { ["role"] = "assistant", ["content"] = text };

    public static JsonObject Thinking(string text) => new() { ["role"] = "assistant", ["content"] = "", ["thinking"] = text };

    /// <summary>All calls in one line, as Ollama gives them.</summary>
    public static JsonObject Calls(params (string? Id, string Name, JsonObject Arguments)[] calls) => new()
    {
        ["role"] = "assistant",
        ["content"] = "",
        ["tool_calls"] = new JsonArray([.. calls.Select((c, i) =>
        {
            var call = new JsonObject { ["function"] = new JsonObject { ["index"] = i, ["name"] = c.Name, ["arguments"] = c.Arguments } };
            if (c.Id is not null) call["id"] = c.Id;
            return (JsonNode)call;
        })]),
    };
}

/// <summary>
/// A server with Ollama's interface on a real socket. It answers with the queued replies in order, then with a text, and refuses what Ollama refuses.
/// Thread-safe.
/// </summary>
public sealed class OllamaServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<OllamaReply> _replies = new();
    private readonly ConcurrentQueue<JsonObject> _requests = new();
    private readonly ConcurrentQueue<string> _hashes = new();

    private OllamaServer(WebApplication app)
    {
        _app = app;
        app.MapPost("/api/chat", AnswerAsync);
    }

    public string Endpoint => _app.Urls.First();

    public IReadOnlyList<JsonObject> Requests => [.. _requests];

    /// <summary>The SHA-256 of each request's body.</summary>
    public IReadOnlyList<string> BodyHashes => [.. _hashes];

    /// <summary>How many characters the messages of a request may have: what is too long is refused when the request says so, and otherwise cut.</summary>
    public int MaxChars { get; set; } = int.MaxValue;

    public static async Task<OllamaServer> StartAsync(params OllamaReply[] replies)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new OllamaServer(builder.Build());
        foreach (var reply in replies) server.Enqueue(reply);
        await server._app.StartAsync();
        return server;
    }

    public void Enqueue(OllamaReply reply) => _replies.Enqueue(reply);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var sent = new MemoryStream();
        await http.Request.Body.CopyToAsync(sent, http.RequestAborted);
        var body = JsonNode.Parse(sent.ToArray())!.AsObject();
        _requests.Enqueue(body);
        _hashes.Enqueue(Convert.ToHexStringLower(SHA256.HashData(sent.ToArray())));
        var (status, error) = OllamaRules.Find(body, MaxChars);
        if (error is not null) await RefuseAsync(http, status, error);
        else await AnswerAsync(http, (string)body["model"]!, _replies.TryDequeue(out var reply) ? reply : new OllamaReply(OllamaReply.Text("Hello.")));
    }

    private static async Task AnswerAsync(HttpContext http, string model, OllamaReply reply)
    {
        if (reply.Status != 200)
        {
            await RefuseAsync(http, reply.Status, reply.Error!);
            return;
        }

        http.Response.ContentType = "application/x-ndjson";
        for (var i = 0; i < reply.Messages.Length; i++)
        {
            await LineAsync(http, reply, Line(model, reply.Messages[i], isDone: false));
            if (i > 0) continue;
            if (reply.AfterFirstLine is { } hold) await hold.WaitAsync(http.RequestAborted);
            if (!reply.BreakOff) continue;
            http.Abort();
            return;
        }

        if (reply.EndEarly) return;
        if (reply.Error is not null)
        {
            await LineAsync(http, reply, new JsonObject { ["error"] = reply.Error });
            return;
        }

        var end = Line(model, OllamaReply.Text(""), isDone: true);
        end["done_reason"] = reply.DoneReason;
        (end["total_duration"], end["load_duration"], end["prompt_eval_count"], end["eval_count"]) = (5191566416, 2154458, 26, 298);
        await LineAsync(http, reply, end);
    }

    private static JsonObject Line(string model, JsonObject message, bool isDone) =>
        new() { ["model"] = model, ["created_at"] = "2026-11-29T08:52:19.385406455Z", ["message"] = message.DeepClone(), ["done"] = isDone };

    private static async Task LineAsync(HttpContext http, OllamaReply reply, JsonObject line)
    {
        var bytes = Encoding.UTF8.GetBytes(FakeModel.Serialize(line) + "\n");
        for (var start = 0; start < bytes.Length; start += Math.Min(reply.PieceBytes, bytes.Length - start))
        {
            await http.Response.Body.WriteAsync(bytes.AsMemory(start, Math.Min(reply.PieceBytes, bytes.Length - start)), http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }

    private static Task RefuseAsync(HttpContext http, int status, string error)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(new JsonObject { ["error"] = error }.ToJsonString(), http.RequestAborted);
    }
}
