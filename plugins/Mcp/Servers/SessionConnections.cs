using System.Collections.Concurrent;
using PluginHost.Sdk;

namespace PluginHost.Mcp.Servers;

/// <summary>The connections of sessions to a server that keeps state: made by the first call, ended when they have not been used for a while. Thread-safe.</summary>
internal sealed class SessionConnections : IAsyncDisposable
{
    private const int MaxConnections = 256;

    /// <summary>How many connections a call tries when each has ended before it can be used.</summary>
    private const int MaxTries = 3;

    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);

    private readonly CancellationToken _stopping;

    private readonly string _server;
    private readonly Func<CancellationToken, Task<ServerConnection>> _connect;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly RetryPause _pause = new();
    private readonly ConcurrentDictionary<SessionKey, Entry> _entries = new();
    private readonly ITimer _sweep;
    private (long At, TimeSpan Pause, string Reason)? _failure;

    /// <param name="server">The server's name.</param>
    /// <param name="connect">Makes a connection.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopping">Cancels connections that are being made.</param>
    public SessionConnections(string server, Func<CancellationToken, Task<ServerConnection>> connect, TimeProvider time, CancellationToken stopping)
    {
        (_server, _connect, _time, _stopping) = (server, connect, time, stopping);
        _sweep = time.CreateTimer(static state => ((SessionConnections)state!).Sweep(), this, Idle / 2, Idle / 2);
    }

    private bool IsPaused => _failure is { } failure && _time.GetElapsedTime(failure.At) < failure.Pause;

    public async ValueTask<ServerConnection> GetAsync(SessionKey session, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            if (!_entries.ContainsKey(session))
            {
                ThrowWhilePaused();
                MakeRoom();
            }

            var entry = _entries.GetOrAdd(session, static (_, c) => new Entry(c.ConnectAsync) { UsedAt = c._time.GetTimestamp() }, this);
            try
            {
                var connection = await entry.Connection.WaitAsync(cancellationToken);
                entry.UsedAt = _time.GetTimestamp();
                if (!connection.HasEnded) return connection;
                await EndAsync(session, entry);
                if (tries == MaxTries) throw new ServerUnavailableException(_server, connection.EndReason);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // A call after the pause tries again.
                _entries.TryRemove(new(session, entry));
                throw;
            }
        }
    }

    public async ValueTask<bool> EndAsync(SessionKey session) => _entries.TryGetValue(session, out var entry) && await EndAsync(session, entry);

    public async ValueTask DisposeAsync()
    {
        await _sweep.DisposeAsync();
        await Task.WhenAll(_entries.Select(e => EndAsync(e.Key, e.Value).AsTask()));
    }

    /// <summary>Makes a connection. After one that failed, no session makes another one before a pause that grows.</summary>
    private async Task<ServerConnection> ConnectAsync()
    {
        try
        {
            var connection = await _connect(_stopping);
            lock (_lock)
            {
                _pause.Reset();
                _failure = null;
            }

            return connection;
        }
        catch (Exception exception) when (!_stopping.IsCancellationRequested)
        {
            lock (_lock)
            {
                // Connections of several sessions that fail at the same time count as one failure.
                if (!IsPaused) _failure = (_time.GetTimestamp(), _pause.Take(), ServerErrors.Describe(exception));
            }

            throw;
        }
    }

    /// <exception cref="ServerUnavailableException">The last connection failed, and the pause after it is not over.</exception>
    private void ThrowWhilePaused()
    {
        lock (_lock)
        {
            if (IsPaused) throw new ServerUnavailableException(_server, _failure!.Value.Reason);
        }
    }

    /// <summary>Ends the connection that has not been used for the longest time when there are too many.</summary>
    /// <exception cref="ServerUnavailableException">All are in use.</exception>
    private void MakeRoom()
    {
        if (_entries.Count < MaxConnections) return;
        var (session, oldest) = _entries.Where(e => e.Value.Connection.IsCompleted && !e.Value.IsBusy).MinBy(e => e.Value.UsedAt);
        if (oldest is null) throw new ServerUnavailableException(_server, $"{MaxConnections} sessions use it already.");
        _ = EndAsync(session, oldest).AsTask();
    }

    private void Sweep()
    {
        foreach (var (session, entry) in _entries)
        {
            if (entry.IsBusy) entry.UsedAt = _time.GetTimestamp();
            else if (entry.Connection.IsCompleted && _time.GetElapsedTime(entry.UsedAt) > Idle) _ = EndAsync(session, entry).AsTask();
        }
    }

    private async ValueTask<bool> EndAsync(SessionKey session, Entry entry)
    {
        if (!_entries.TryRemove(new(session, entry))) return false;
        try
        {
            await (await entry.Connection).DisposeAsync();
        }
        catch (Exception)
        {
            // A connection that was never made, or that broke, has nothing to end.
        }

        return true;
    }

    /// <summary>The connection of one session, shared by those who ask for it while it is being made.</summary>
    private sealed class Entry(Func<Task<ServerConnection>> connect)
    {
        private readonly Lazy<Task<ServerConnection>> _connection = new(() =>
        {
            // The connection outlives the call that makes it, and must not be part of its trace.
            using (ExecutionContext.SuppressFlow()) return Task.Run(connect);
        });

        public bool IsBusy => Connection is { IsCompletedSuccessfully: true, Result.IsBusy: true };

        public Task<ServerConnection> Connection => _connection.Value;

        public long UsedAt { get; set; }
    }
}
