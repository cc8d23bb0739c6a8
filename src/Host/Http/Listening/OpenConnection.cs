using Microsoft.AspNetCore.Connections;

namespace PluginHost.Http.Listening;

/// <summary>One connection, as a feature of its requests. Its members are used under the lock of its owner.</summary>
internal sealed class OpenConnection
{
    private readonly ConnectionLimits _owner;
    private readonly ConnectionContext _connection;

    public OpenConnection(ConnectionLimits owner, ConnectionContext connection)
    {
        (_owner, _connection) = (owner, connection);
        Place = new LinkedListNode<OpenConnection>(this);
    }

    /// <summary>The place among connections without a request.</summary>
    public LinkedListNode<OpenConnection> Place { get; }

    public bool IsClosed { get; set; }

    /// <inheritdoc cref="ConnectionLimits.Begin"/>
    public bool Begin() => _owner.Begin(this);

    /// <inheritdoc cref="ConnectionLimits.End"/>
    public void End() => _owner.End(this);

    public void Abort() => _connection.Abort(new ConnectionAbortedException("Another connection needed the place of this one, which was idle."));
}
