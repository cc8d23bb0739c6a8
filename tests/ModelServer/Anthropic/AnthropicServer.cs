using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PluginHost.ModelServer.Anthropic;

/// <summary>A request as the server received it.</summary>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body.</param>
/// <param name="BodySha256">The hash of that as it was sent.</param>
public sealed record AnthropicRequest(IReadOnlyDictionary<string, string> Headers, JsonObject Body, string BodySha256)
{
    public JsonArray Messages => Body["messages"]!.AsArray();

    /// <summary>The blocks of one message.</summary>
    public JsonArray Blocks(int message) => Messages[message]!["content"]!.AsArray();
}

/// <summary>
/// A server with Anthropic's interface on a real socket. It insists on what the real one insists on, and answers with the queued replies in order, then
/// with a text. Thread-safe.
/// </summary>
public sealed class AnthropicServer : IAsyncDisposable
{
    public const string Key = "sk-ant-test-0123456789";

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<AnthropicReply> _replies = new();
    private readonly ConcurrentQueue<AnthropicRequest> _requests = new();
    private readonly GivenThoughts _given = new();

    private AnthropicServer(WebApplication app)
    {
        _app = app;
        app.MapPost("/v1/messages", AnswerAsync);
    }

    public string Endpoint => _app.Urls.First();

    public IReadOnlyList<AnthropicRequest> Requests => [.. _requests];

    /// <summary>How many characters a request may have.</summary>
    public int MaxChars { get; set; } = int.MaxValue;

    public static async Task<AnthropicServer> StartAsync(params AnthropicReply[] replies)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new AnthropicServer(builder.Build());
        foreach (var reply in replies) server.Enqueue(reply);
        await server._app.StartAsync();
        return server;
    }

    public void Enqueue(AnthropicReply reply) => _replies.Enqueue(reply);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var text = new StreamReader(http.Request.Body);
        var sent = await text.ReadToEndAsync(http.RequestAborted);
        var headers = http.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        var request = new AnthropicRequest(headers, JsonNode.Parse(sent)!.AsObject(), Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sent))));
        _requests.Enqueue(request);
        if (sent.Length > MaxChars)
        {
            await RefuseAsync(http, 400, "invalid_request_error", $"prompt is too long: {sent.Length / 4} tokens > {MaxChars / 4} maximum");
        }
        else if (headers.GetValueOrDefault("x-api-key") != Key)
        {
            await RefuseAsync(http, 401, "authentication_error", "invalid x-api-key");
        }
        else if (RequestRules.Find(request, _given) is { } wrong)
        {
            await RefuseAsync(http, 400, "invalid_request_error", wrong);
        }
        else
        {
            await AnswerAsync(http, request, _replies.TryDequeue(out var reply) ? reply : new AnthropicReply(AnthropicReply.Text("Hello.")));
        }
    }

    private async Task AnswerAsync(HttpContext http, AnthropicRequest request, AnthropicReply reply)
    {
        foreach (var (name, value) in reply.Headers) http.Response.Headers[name] = value;
        if (reply.Status != 200)
        {
            await RefuseAsync(http, reply.Status, reply.Error!.Value.Type, reply.Error.Value.Message);
            return;
        }

        _given.Add(reply.Blocks);
        await new AnswerStream(http, reply).SendAsync((string)request.Body["model"]!);
    }

    private static Task RefuseAsync(HttpContext http, int status, string type, string message)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(AnswerStream.Error(type, message).ToJsonString(), http.RequestAborted);
    }
}
