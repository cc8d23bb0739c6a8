using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace PluginHost.Mcp.Servers;

/// <summary>There is no token. The message says why, without secrets.</summary>
internal sealed class TokenException(string message) : Exception(message);

/// <summary>Gets a token with the client's credentials, adds it to requests, and gets another one when it ends or is refused. Thread-safe.</summary>
internal sealed class ClientCredentials(McpOAuthOptions options, HttpMessageHandler inner, TimeProvider time) : DelegatingHandler(inner)
{
    private static readonly TimeSpan Reserve = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _getting = new(1);
    private volatile Token? _token;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // So that it can be sent twice.
        if (request.Content is not null) await request.Content.LoadIntoBufferAsync(cancellationToken);
        var token = await GetAsync(refused: null, cancellationToken);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Value);
        var response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized) return response;
        response.Dispose();
        token = await GetAsync(refused: token, cancellationToken);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Value);
        return await base.SendAsync(request, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _getting.Dispose();
        base.Dispose(disposing);
    }

    private async ValueTask<Token> GetAsync(Token? refused, CancellationToken cancellationToken)
    {
        if (Current(refused) is { } known) return known;
        await _getting.WaitAsync(cancellationToken);
        try
        {
            return Current(refused) ?? (_token = await AskAsync(cancellationToken));
        }
        finally
        {
            _getting.Release();
        }
    }

    private Token? Current(Token? refused) => _token is { } token && token != refused && token.Until > time.GetUtcNow() ? token : null;

    private async Task<Token> AskAsync(CancellationToken cancellationToken)
    {
        var form = new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = options.ClientId,
            ["client_secret"] = options.ClientSecret.Reveal(),
        };
        if (options.Scope is not null) form["scope"] = options.Scope;
        using var request = new HttpRequestMessage(HttpMethod.Post, options.TokenEndpoint) { Content = new FormUrlEncodedContent(form) };
        using var response = await base.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode) throw new TokenException($"The token endpoint answered with status {(int)response.StatusCode}. Check OAuth.");
        using var body = await response.Content.ReadFromJsonAsync<JsonDocument>(cancellationToken);
        var root = body!.RootElement;
        var lifetime = root.TryGetProperty("expires_in", out var seconds) && seconds.ValueKind == JsonValueKind.Number && seconds.TryGetDouble(out var given) && given is > 0 and < 31_536_000 ? TimeSpan.FromSeconds(given) : TimeSpan.FromMinutes(5);
        if (!root.TryGetProperty("access_token", out var value) || value.GetString() is not { Length: > 0 } text) throw new TokenException("The token endpoint gave no token. Check OAuth.");
        return new Token(text, time.GetUtcNow() + (lifetime > 2 * Reserve ? lifetime - Reserve : lifetime / 2));
    }

    private sealed record Token(string Value, DateTimeOffset Until);
}
