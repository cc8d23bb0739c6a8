using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PluginHost.ModelServer;

/// <summary>A request as a server received it.</summary>
/// <param name="Path">The path.</param>
/// <param name="Body">The body.</param>
public sealed record WireRequest(string Path, JsonObject Body)
{
    /// <summary>The body as it came.</summary>
    public string Text { get; init; } = "";

    public bool IsStreamed => Body["stream"]?.GetValue<bool>() ?? false;

    /// <summary>The messages of a chat request.</summary>
    public IReadOnlyList<JsonObject> Messages => [.. Body["messages"]!.AsArray().Select(m => m!.AsObject())];

    /// <summary>The input items of a responses request.</summary>
    public IReadOnlyList<JsonObject> Input => [.. Body["input"]!.AsArray().Select(m => m!.AsObject())];
}

/// <summary>An answer of a server: a body, or events.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">The body as sent.</param>
public sealed record WireReply(int Status, string Body)
{
    public string ContentType { get; init; } = "application/json";

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the connection stays open behind the body, as proxies leave it.</summary>
    public bool StaysOpen { get; init; }

    internal async Task SendAsync(HttpContext http)
    {
        http.Response.StatusCode = Status;
        http.Response.ContentType = ContentType;
        foreach (var (name, value) in Headers) http.Response.Headers[name] = value;
        await http.Response.WriteAsync(Body, http.RequestAborted);
        if (!StaysOpen) return;
        await http.Response.Body.FlushAsync(http.RequestAborted);
        var gone = new TaskCompletionSource();
        await using var registration = http.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }

    /// <summary>An error in the shape of OpenAI.</summary>
    public static WireReply Error(int status, string message, string? code = null, string? param = null) => new(
        status,
        new JsonObject { ["error"] = new JsonObject { ["message"] = message, ["type"] = "invalid_request_error", ["param"] = param, ["code"] = code } }.ToJsonString());
}

/// <summary>How one server answers, and what it insists on.</summary>
public interface IDialect
{
    WireReply Answer(WireRequest request);
}

/// <summary>A server with a dialect on a real socket. Thread-safe.</summary>
public sealed class WireServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<WireRequest> _requests = new();

    private readonly bool _keepsRequests;

    private WireServer(WebApplication app, IDialect dialect, bool keepsRequests)
    {
        (_app, _keepsRequests) = (app, keepsRequests);
        app.MapPost("/v1/{**path}", http => AnswerAsync(http, dialect));
    }

    public string Endpoint => $"{_app.Urls.First()}/v1";

    public IReadOnlyList<WireRequest> Requests => [.. _requests];

    /// <param name="dialect">How it answers.</param>
    /// <param name="keepsRequests">Whether the requests can be read afterwards.</param>
    public static async Task<WireServer> StartAsync(IDialect dialect, bool keepsRequests = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new WireServer(builder.Build(), dialect, keepsRequests);
        await server._app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http, IDialect dialect)
    {
        using var reader = new StreamReader(http.Request.Body);
        var text = await reader.ReadToEndAsync(http.RequestAborted);
        var request = new WireRequest(http.Request.Path, JsonNode.Parse(text)!.AsObject()) { Text = text };
        if (_keepsRequests) _requests.Enqueue(request);
        await dialect.Answer(request).SendAsync(http);
    }
}
