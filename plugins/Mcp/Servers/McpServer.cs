using System.Diagnostics;
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
    /// <summary>
    /// How often the list is read without a notice. Not every server sends notices, and a server at an address can go away without a sign.
    /// </summary>
    private static readonly TimeSpan ReadInterval = TimeSpan.FromSeconds(30);

    private readonly ServerConnector _connector;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _firstTry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SessionConnections _sessions;
    private readonly UpDownCounter<int> _connected;
    private readonly Counter<long> _failures;
    private readonly ActivitySource _spans;
    private readonly Task _loop;
    private volatile ServerState _state = ServerState.NotYet;

    public McpServer(string name, McpServerOptions options, PluginContext context)
    {
        (Name, Options, _logger, _time) = (name, options, context.Logger, context.TimeProvider);
        _spans = context.ActivitySource;
        _connector = new ServerConnector(name, options, _logger, _time);
        _sessions = new SessionConnections(name, _connector.ConnectAsync, _time, _stop.Token);
        _connected = context.Meter.CreateUpDownCounter<int>("pluginhost.mcp.connected", "{server}", "Servers that are connected.");
        _failures = context.Meter.CreateCounter<long>("pluginhost.mcp.failures", "{failure}", "Connections that could not be made, or that broke.");
        // The connection outlives the call that creates it, and must not be part of its trace.
        using (ExecutionContext.SuppressFlow()) _loop = Task.Run(KeepConnectedAsync);
    }

    public string Name { get; }

    public McpServerOptions Options { get; }

    public TimeProvider Time => _time;

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

    /// <summary>Checks in the background whether the server still works, after a call that timed out, was refused or lost its connection.</summary>
    public void CheckAgain(ServerConnection connection)
    {
        _state.Connection?.CheckAgain();
        if (!Options.PerSession || _stop.IsCancellationRequested) return;
        using (ExecutionContext.SuppressFlow()) _ = Task.Run(() => connection.CheckAsync(Options.ConnectLimit, _time));
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
        var pause = new RetryPause();
        while (!_stop.IsCancellationRequested)
        {
            var worked = await ConnectOnceAsync();
            _firstTry.TrySetResult();
            // A server that has worked for a while gets the first pause again.
            if (worked > RetryPause.Longest) pause.Reset();
            try
            {
                await Task.Delay(pause.Take(), _time, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>One life of the connection: from its beginning to its end.</summary>
    /// <returns>How long it was connected.</returns>
    private async Task<TimeSpan> ConnectOnceAsync()
    {
        var (wasUp, since) = (false, 0L);
        try
        {
            await using var connection = await OpenAsync();
            (wasUp, since) = (true, _time.GetTimestamp());
            _connected.Add(1, new KeyValuePair<string, object?>("mcp.server", Name));
            Log.Connected(_logger, Name, _state.Tools.Count);
            _firstTry.TrySetResult();
            var reason = await FollowChangesAsync(connection);
            _state = ServerState.Down(reason);
            if (_stop.IsCancellationRequested) return _time.GetElapsedTime(since);
            _failures.Add(1, new KeyValuePair<string, object?>("mcp.server", Name));
            Log.ConnectionEnded(_logger, Name, reason);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            _state = ServerState.Down("The host is stopping.");
        }
        catch (Exception exception)
        {
            var reason = ServerErrors.Describe(exception);
            var isNew = _state.Error != reason;
            _state = ServerState.Down(reason);
            _failures.Add(1, new KeyValuePair<string, object?>("mcp.server", Name));
            if (isNew) Log.ConnectionFailed(_logger, Name, reason);
        }
        finally
        {
            if (wasUp) _connected.Add(-1, new KeyValuePair<string, object?>("mcp.server", Name));
        }

        return wasUp ? _time.GetElapsedTime(since) : TimeSpan.Zero;
    }

    /// <summary>A connection whose list of tools is known.</summary>
    private async Task<ServerConnection> OpenAsync()
    {
        using var span = _spans.StartActivity("mcp.connect");
        span?.SetTag("mcp.server", Name);
        ServerConnection? connection = null;
        try
        {
            connection = await _connector.ConnectAsync(_stop.Token);
            await RefreshAsync(connection);
            span?.SetTag("mcp.tools", _state.Tools.Count);
            return connection;
        }
        catch (Exception exception)
        {
            // The log has the text, which may be the server's. A stop is no error.
            if (!_stop.IsCancellationRequested) span?.SetTag("error.type", exception.GetType().FullName).SetStatus(ActivityStatusCode.Error);
            if (connection is not null) await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lists the tools again after each notice of a change and at an interval, until the connection ends. Notices that come meanwhile are one.</summary>
    /// <returns>Why it ended.</returns>
    private async Task<string> FollowChangesAsync(ServerConnection connection)
    {
        connection.Subscribe();
        while (true)
        {
            var wait = await connection.WaitForChangeAsync(ReadInterval, _time, _stop.Token);
            if (wait == ChangeWait.Ended) return connection.EndReason;
            try
            {
                await RefreshAsync(connection);
            }
            catch (OperationCanceledException) when (connection.IsBusy && !_stop.IsCancellationRequested)
            {
                // A server that makes one call at a time answers after the call.
            }
            catch (Exception exception) when (!_stop.IsCancellationRequested)
            {
                return connection.HasEnded ? connection.EndReason : ServerErrors.Describe(exception);
            }

            // Some servers answer each request for the list with another notice.
            if (wait == ChangeWait.Noticed) await Task.Delay(RetryPause.First, _time, _stop.Token);
            else connection.Subscribe();
        }
    }

    private async Task RefreshAsync(ServerConnection connection)
    {
        using var limit = new CancellationTokenSource(Options.ConnectLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, limit.Token);
        var tools = await connection.ListToolsAsync(either.Token);
        if (!_state.Has(connection, tools)) _state = new ServerState(connection, tools, connection.Client.ServerInstructions, Error: null);
    }
}
