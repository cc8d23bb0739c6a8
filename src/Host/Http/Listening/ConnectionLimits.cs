using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Http.Listening;

/// <summary>
/// Bounds the connections so that silent ones shut no caller out: beyond the limit, the one that has been without a request for longest
/// is closed. When all are in use, a few more are taken, for health. Thread-safe.
/// </summary>
internal sealed class ConnectionLimits(ServerConfiguration server, TimeProvider time)
{
    /// <summary>How many connections there may be beyond the limit when all are in use.</summary>
    private const int Reserve = 64;

    private readonly Lock _lock = new();
    private readonly LinkedList<OpenConnection> _idle = new();
    private int _inUse;

    public void Apply(ListenOptions listen) => listen.Use(next => connection => ServeAsync(connection, next));

    /// <summary>A request begins on a connection.</summary>
    /// <returns>False when more connections are in use than may be.</returns>
    public bool Begin(OpenConnection connection)
    {
        lock (_lock)
        {
            if (connection.Place.List is not null) _idle.Remove(connection.Place);
            return ++_inUse <= server.MaxConnections;
        }
    }

    /// <summary>The request has ended; the connection may be closed when its place is needed.</summary>
    public void End(OpenConnection connection)
    {
        lock (_lock)
        {
            _inUse--;
            if (!connection.IsClosed) _idle.AddLast(connection.Place);
        }
    }

    private async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var open = new OpenConnection(this, connection);
        connection.Features.Set(open);
        try
        {
            if (TryAdd(open) && await HasSpokenAsync(connection)) await next(connection);
        }
        finally
        {
            Remove(open);
        }
    }

    private bool TryAdd(OpenConnection added)
    {
        OpenConnection? oldest = null;
        lock (_lock)
        {
            var count = _idle.Count + _inUse;
            if (count >= server.MaxConnections && _idle.First is { } first)
            {
                oldest = first.Value;
                oldest.IsClosed = true;
                _idle.RemoveFirst();
            }
            else if (count >= server.MaxConnections + Reserve)
            {
                return false;
            }

            _idle.AddLast(added.Place);
        }

        oldest?.Abort();
        return true;
    }

    private void Remove(OpenConnection removed)
    {
        lock (_lock)
        {
            removed.IsClosed = true;
            if (removed.Place.List is not null) _idle.Remove(removed.Place);
        }
    }

    /// <summary>Waits for the first byte. The server itself waits for it as long as for the next request of a known client.</summary>
    private async ValueTask<bool> HasSpokenAsync(ConnectionContext connection)
    {
        using var limit = new CancellationTokenSource(server.HeaderTimeout, time);
        try
        {
            var input = connection.Transport.Input;
            var read = await input.ReadAsync(limit.Token);
            input.AdvanceTo(read.Buffer.Start, read.Buffer.Start);
            return !read.Buffer.IsEmpty;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return false;
        }
    }
}
