using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using PluginHost.Sdk;

namespace PluginHost.Mcp.Servers;

/// <summary>
/// One server, shared by all entries that name it. It is connected in the background from the start on, and again, after a pause that
/// grows, when the connection ends. Thread-safe.
/// </summary>
internal sealed class McpServer : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly ServerConnector _connector;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _firstTry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SessionConnections _sessions;
    private readonly UpDownCounter<int> _connected;
    private readonly Task _loop;
    private volatile ServerState _state = ServerState.NotYet;

    public McpServer(string name, McpServerOptions options, PluginContext context)
    {
        (Name, Options, _logger, _time) = (name, options, context.Logger, context.TimeProvider);
        _connector = new ServerConnector(name, options, _logger, _time);
        _sessions = new SessionConnections(_connector, _time, _stop.Token);
        _connected = context.Meter.CreateUpDownCounter<int>("pluginhost.mcp.connected", "{server}", "Servers that are connected.");
        // The connection outlives the call that creates it, and must not be part of its trace.
        using (ExecutionContext.SuppressFlow()) _loop = Task.Run(KeepConnectedAsync);
    }

    public string Name { get; }

    public McpServerOptions Options { get; }

    /// <summary>What the server offers now; without tools while it cannot be reached.</summary>
    public ServerState State => _state;

    /// <summary>Waits until the first connection exists or has failed. It is not an error when it has.</summary>
    public Task WaitForFirstTryAsync(CancellationToken cancellationToken) => _firstTry.Task.WaitAsync(cancellationToken);

    /// <summary>The connection for a call.</summary>
    /// <param name="session">The session that calls.</param>
    /// <param name="cancellationToken">Cancels the wait for a session's first connection.</param>
    /// <exception cref="ServerUnavailableException">There is no connection.</exception>
    public ValueTask<ServerConnection> GetConnectionAsync(SessionKey session, CancellationToken cancellationToken)
    {
        if (Options.PerSession) return _sessions.GetAsync(session, cancellationToken);
        return _state.Connection is { } shared ? new(shared) : throw new ServerUnavailableException(Name, _state.Error);
    }

    /// <summary>Ends the connection of a session that is deleted.</summary>
    /// <returns>Whether it had one.</returns>
    public ValueTask<bool> EndSessionAsync(SessionKey session) => _sessions.EndAsync(session);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        await _sessions.DisposeAsync();
        _connector.Dispose();
        _stop.Dispose();
    }

    private async Task KeepConnectedAsync()
    {
        var pause = FirstPause;
        while (!_stop.IsCancellationRequested)
        {
            var worked = await ConnectOnceAsync();
            _firstTry.TrySetResult();
            // A server that has worked for a while gets the first pause again.
            if (worked > LongestPause) pause = FirstPause;
            try
            {
                await Task.Delay(pause, _time, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>One life of the connection: from its beginning to its end.</summary>
    /// <returns>How long it was connected.</returns>
    private async Task<TimeSpan> ConnectOnceAsync()
    {
        var (wasUp, since) = (false, 0L);
        try
        {
            await using var connection = await _connector.ConnectAsync(_stop.Token);
            await RefreshAsync(connection);
            (wasUp, since) = (true, _time.GetTimestamp());
            _connected.Add(1, new KeyValuePair<string, object?>("mcp.server", Name));
            Log.Connected(_logger, Name, _state.Tools.Count);
            _firstTry.TrySetResult();
            await FollowChangesAsync(connection);
            var reason = connection.EndReason;
            _state = ServerState.Down(reason);
            if (!_stop.IsCancellationRequested) Log.ConnectionEnded(_logger, Name, reason);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _state = ServerState.Down("The host is stopping.");
        }
        catch (Exception exception)
        {
            var reason = ServerErrors.Describe(exception);
            var isNew = wasUp || _state.Error != reason;
            _state = ServerState.Down(reason);
            if (isNew) Log.ConnectionFailed(_logger, Name, reason);
        }
        finally
        {
            if (wasUp) _connected.Add(-1, new KeyValuePair<string, object?>("mcp.server", Name));
        }

        return wasUp ? _time.GetElapsedTime(since) : TimeSpan.Zero;
    }

    /// <summary>Lists the tools again after each notice of a change, until the connection ends. Notices that come meanwhile are one.</summary>
    private async Task FollowChangesAsync(ServerConnection connection)
    {
        while (await connection.WaitForChangeAsync(_stop.Token))
        {
            await RefreshAsync(connection);
            // Some servers answer each request for the list with another notice.
            await Task.Delay(FirstPause, _time, _stop.Token);
        }
    }

    private async Task RefreshAsync(ServerConnection connection)
    {
        using var limit = new CancellationTokenSource(Options.ConnectLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, limit.Token);
        var tools = await connection.ListToolsAsync(either.Token);
        _state = new ServerState(connection, tools, connection.Client.ServerInstructions, Error: null);
    }
}
