using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PluginHost.ModelServer;

/// <summary>
/// A server with OpenAI's API (chat completions and basic responses) on a real socket. It answers requests with the queued replies in
/// order, then with the default reply. Thread-safe.
/// </summary>
public sealed class FakeModel : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<ModelReply> _replies = new();
    private readonly ConcurrentQueue<ModelRequest> _requests = new();

    private FakeModel(WebApplication app)
    {
        _app = app;
        new ControlEndpoints(this).Map(app);
        app.MapPost("/v1/{**path}", AnswerAsync);
    }

    /// <summary>The endpoint for clients, which ends in <c>/v1</c>.</summary>
    public string Endpoint => $"{_app.Urls.First()}/v1";

    /// <summary>The reply when none is queued.</summary>
    public ModelReply Default { get; set; } = new();

    /// <summary>Answers when no reply is queued; null for the default reply.</summary>
    public IDialect? Dialect { get; set; }

    public IReadOnlyList<ModelRequest> Requests => [.. _requests];

    public static async Task<FakeModel> StartAsync(params ModelReply[] replies)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new FakeModel(builder.Build());
        foreach (var reply in replies) server.Enqueue(reply);
        await server._app.StartAsync();
        return server;
    }

    public void Enqueue(ModelReply reply) => _replies.Enqueue(reply);

    /// <summary>Removes all queued replies and recorded requests.</summary>
    public void Reset()
    {
        _replies.Clear();
        _requests.Clear();
        Dialect = null;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var bytes = new MemoryStream();
        await http.Request.Body.CopyToAsync(bytes, http.RequestAborted);
        var body = (JsonObject)JsonNode.Parse(bytes.ToArray())!;
        var headers = http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var request = new ModelRequest($"{http.Request.Path}{http.Request.QueryString}", headers, body) { Bytes = bytes.ToArray() };
        _requests.Enqueue(request);
        var isQueued = _replies.TryDequeue(out var next);
        if (!isQueued && Dialect is { } dialect)
        {
            await dialect.Answer(new WireRequest(http.Request.Path, body)).SendAsync(http);
            return;
        }

        var reply = isQueued ? next! : Default;

        if (reply.BeforeAnswer is { } hold) await hold.WaitAsync(http.RequestAborted);
        foreach (var (name, value) in reply.Headers) http.Response.Headers[name] = value;
        if (reply.Refuse) http.Abort();
        else if (reply.Body is { } raw) await SendAsync(http, reply.Status, raw);
        else if (reply.Status != 200) await SendAsync(http, reply.Status, CreateError(reply).ToJsonString());
        else if (FindProtocol(http.Request.Path) is not { } protocol) await SendAsync(http, 404, """{"error":{"message":"no such path"}}""");
        else if (request.IsStreamed) await new EventStream(http, reply).SendAsync(protocol, body);
        else await SendAsync(http, 200, protocol.CreateBody(reply, body).ToJsonString());
    }

    private static IModelProtocol? FindProtocol(PathString path) => path.Value switch
    {
        "/v1/chat/completions" => new ChatProtocol(),
        "/v1/responses" => new ResponsesProtocol(),
        "/v1/completions" => new TextCompletionProtocol(),
        _ => null,
    };

    private static async Task SendAsync(HttpContext http, int status, string body)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(body, http.RequestAborted);
    }

    internal static JsonObject CreateError(ModelReply reply) => new()
    {
        ["error"] = new JsonObject
        {
            ["message"] = reply.Error ?? $"status {reply.Status}",
            ["type"] = "server_error",
            ["param"] = null,
            ["code"] = reply.ErrorCode?.DeepClone(),
        },
    };

    internal static string Serialize(JsonNode node) => node.ToJsonString(new JsonSerializerOptions
    {
        // Model servers do not escape characters either.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
