using System.Net;
using System.Reflection;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using PluginHost.Shared;

namespace PluginHost.Mcp.Servers;

/// <summary>Makes connections to one server. Thread-safe.</summary>
internal sealed class ServerConnector(string name, McpServerOptions options, ILogger logger, TimeProvider time) : IDisposable
{
    private static readonly Implementation Self = new()
    {
        Name = "PluginHost",
        Version = typeof(ServerConnector).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0",
    };

    /// <summary>The revisions of the protocol that have sessions over HTTP. The package prefers a newer one, which has none.</summary>
    private static readonly string[] WithSessions = ["2025-11-25", "2025-06-18", "2025-03-26"];

    private readonly HttpClient? _http = options.Endpoint is null ? null : CreateHttp(options, time);

    private volatile string? _version;
    private int _warnings;

    /// <exception cref="ServerUnavailableException">The server does not answer in time, or not as an MCP server does.</exception>
    public async Task<ServerConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.ConnectLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        ServerProcess? process = null;
        try
        {
            var client = options.Command is not null
                ? await CreateAsync((process = ServerProcess.Start(name, options, logger)).Transport, version: null, either.Token)
                : options.PerSession
                    ? await CreateWithSessionAsync(either.Token)
                    : await CreateAsync(HttpTransport(), version: null, either.Token);
            return new ServerConnection(client, process);
        }
        catch (Exception exception)
        {
            if (process is not null) await process.DisposeAsync();
            // Known only now: what it wrote is read to the end.
            var said = process?.LastError;
            cancellationToken.ThrowIfCancellationRequested();
            var reason = limit.IsCancellationRequested ? $"It did not answer within {options.ConnectLimit.TotalSeconds:0} seconds." : ServerErrors.Describe(exception);
            throw new ServerUnavailableException(name, said is null ? reason : $"{reason} It wrote: {said}", exception);
        }
    }

    public void Dispose() => _http?.Dispose();

    /// <summary>The package takes no other revision than the asked one, so those with sessions are tried in turn.</summary>
    private async Task<McpClient> CreateWithSessionAsync(CancellationToken cancellationToken)
    {
        foreach (var version in WithSessions.OrderByDescending(v => v == _version))
        {
            try
            {
                var client = await CreateAsync(HttpTransport(), version, cancellationToken);
                _version = version;
                if (client.SessionId is null && Interlocked.Exchange(ref _warnings, 1) == 0) Log.NoSessions(logger, name);
                return client;
            }
            catch (Exception exception) when (exception is McpException or HttpRequestException { StatusCode: HttpStatusCode.BadRequest })
            {
                // The server has other revisions.
            }
        }

        var newest = await CreateAsync(HttpTransport(), version: null, cancellationToken);
        if (Interlocked.Exchange(ref _warnings, 1) == 0) Log.NoSessions(logger, name);
        return newest;
    }

    private Task<McpClient> CreateAsync(IClientTransport transport, string? version, CancellationToken cancellationToken) => McpClient.CreateAsync(
        transport,
        new McpClientOptions { ClientInfo = Self, InitializationTimeout = options.ConnectLimit, TimeProvider = time, ProtocolVersion = version },
        cancellationToken: cancellationToken);

    // Not the older transport: there the server names the address of requests, which would get the token.
    private HttpClientTransport HttpTransport() => new(
        new HttpClientTransportOptions { Endpoint = options.Endpoint!, Name = name, TransportMode = HttpTransportMode.StreamableHttp, ConnectionTimeout = options.ConnectLimit },
        _http!);

    private static HttpClient CreateHttp(McpServerOptions options, TimeProvider time)
    {
        HttpMessageHandler handler = new BoundedResponses(
            new SocketsHttpHandler
            {
                PooledConnectionLifetime = TimeSpan.FromMinutes(5),
                ConnectTimeout = options.ConnectLimit,
                AllowAutoRedirect = false,
                ActivityHeadersPropagator = new TraceIdPropagator(),
            });
        if (options.OAuth is { } credentials) handler = new ClientCredentials(credentials, handler, time);
        // Calls have their own limits, and the stream of notices has none.
        var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        foreach (var (header, value) in options.Headers ?? new Dictionary<string, Sdk.Secret>()) http.DefaultRequestHeaders.TryAddWithoutValidation(header, value.Reveal());
        return http;
    }
}
