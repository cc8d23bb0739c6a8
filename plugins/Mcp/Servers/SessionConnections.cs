using System.Collections.Concurrent;
using PluginHost.Sdk;

namespace PluginHost.Mcp.Servers;

/// <summary>The connections of sessions to a server that keeps state: made by the first call, ended when they have not been used for a while. Thread-safe.</summary>
internal sealed class SessionConnections : IAsyncDisposable
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);

    private readonly ServerConnector _connector;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<SessionKey, Entry> _entries = new();
    private readonly ITimer _sweep;

    public SessionConnections(ServerConnector connector, TimeProvider time)
    {
        (_connector, _time) = (connector, time);
        _sweep = time.CreateTimer(static state => ((SessionConnections)state!).Sweep(), this, Idle / 2, Idle / 2);
    }

    public async ValueTask<ServerConnection> GetAsync(SessionKey session, CancellationToken cancellationToken)
    {
        while (true)
        {
            var entry = _entries.GetOrAdd(session, static (_, connector) => new Entry(connector), _connector);
            try
            {
                var connection = await entry.Connection.WaitAsync(cancellationToken);
                entry.UsedAt = _time.GetTimestamp();
                if (!connection.HasEnded) return connection;
                await EndAsync(session, entry);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // The next call tries again.
                _entries.TryRemove(new(session, entry));
                throw;
            }
        }
    }

    public async ValueTask<bool> EndAsync(SessionKey session) => _entries.TryGetValue(session, out var entry) && await EndAsync(session, entry);

    public async ValueTask DisposeAsync()
    {
        await _sweep.DisposeAsync();
        foreach (var (session, entry) in _entries) await EndAsync(session, entry);
    }

    private void Sweep()
    {
        foreach (var (session, entry) in _entries)
        {
            if (entry.Connection.IsCompleted && _time.GetElapsedTime(entry.UsedAt) > Idle) _ = EndAsync(session, entry).AsTask();
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
    private sealed class Entry(ServerConnector connector)
    {
        private readonly Lazy<Task<ServerConnection>> _connection = new(() => connector.ConnectAsync(CancellationToken.None));

        public Task<ServerConnection> Connection => _connection.Value;

        public long UsedAt { get; set; }
    }
}
