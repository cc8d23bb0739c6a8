using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PluginHost.ModelServer.Identity;

/// <summary>The reply to one request for a token. Default: a token for a day.</summary>
public sealed record IdentityReply
{
    /// <summary>The HTTP status. A status other than 200 has an error body.</summary>
    public int Status { get; init; } = 200;

    /// <summary>A body to send instead.</summary>
    public string? Body { get; init; }

    /// <summary>How long the token is valid, in seconds.</summary>
    public int Lifetime { get; init; } = 86_400;

    /// <summary>Whether the server closes the connection without an answer.</summary>
    public bool Refuse { get; init; }

    /// <summary>A point before the server answers.</summary>
    public Hold? BeforeAnswer { get; init; }
}

/// <summary>
/// The endpoint of Azure App Service that issues tokens of managed identities, on a real socket: version 2019-08-01, with its secret
/// header. Each identity, by its client id, has separate replies. Thread-safe.
/// </summary>
public sealed class IdentityServer : IAsyncDisposable
{
    /// <summary>The value of <c>IDENTITY_HEADER</c>, without which the endpoint refuses.</summary>
    public const string Header = "identity-header-9c41";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<IdentityReply>> _replies = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentQueue<(string ClientId, string Resource, string Token)> _requests = new();
    private int _count;
    private int _received;

    private IdentityServer(WebApplication app)
    {
        _app = app;
        app.MapGet("/msi/token", AnswerAsync);
    }

    /// <summary>The value of <c>IDENTITY_ENDPOINT</c>.</summary>
    public string Endpoint => $"{_app.Urls.First()}/msi/token";

    /// <summary>The requests of all identities, also refused ones.</summary>
    public int Count => Volatile.Read(ref _received);

    public static async Task<IdentityServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new IdentityServer(builder.Build());
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Queues a reply for an identity.</summary>
    public void Enqueue(Guid clientId, IdentityReply reply) => _replies.GetOrAdd($"{clientId}", _ => new()).Enqueue(reply);

    /// <summary>The tokens that an identity asked for, also those that it did not get.</summary>
    public IReadOnlyList<(string ClientId, string Resource, string Token)> GetRequests(Guid clientId) =>
        [.. _requests.Where(r => r.ClientId.Equals($"{clientId}", StringComparison.OrdinalIgnoreCase))];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        Interlocked.Increment(ref _received);
        var query = http.Request.Query;
        if (http.Request.Headers["X-IDENTITY-HEADER"] != Header || query["api-version"] != "2019-08-01")
        {
            http.Response.StatusCode = 401;
            return;
        }

        var clientId = query["client_id"].ToString();
        // As long as a real one, and in its alphabet.
        var token = $"eyJ0eXAiOiJKV1Qi.{Interlocked.Increment(ref _count)}-{Guid.NewGuid():N}.c2lnbmF0dXJl";
        _requests.Enqueue((clientId, query["resource"].ToString(), token));
        var reply = _replies.TryGetValue(clientId, out var queue) && queue.TryDequeue(out var next) ? next : new IdentityReply();
        if (reply.BeforeAnswer is { } hold) await hold.WaitAsync(http.RequestAborted);
        if (reply.Refuse)
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = reply.Status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(reply.Body ?? Write(reply, token).ToJsonString(), http.RequestAborted);
    }

    private static JsonObject Write(IdentityReply reply, string token) => reply.Status != 200
        ? new() { ["statusCode"] = reply.Status, ["message"] = "No identity found for header " + Header }
        : new()
        {
            ["access_token"] = token,
            ["expires_on"] = DateTimeOffset.UtcNow.AddSeconds(reply.Lifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            ["resource"] = "https://cognitiveservices.azure.com",
            ["token_type"] = "Bearer",
        };
}
