using Microsoft.Data.Sqlite;

namespace PluginHost.Sqlite;

/// <summary>The writer's connection and the log of its database. It opens another connection after one broke. For the writer's thread alone.</summary>
internal sealed class WriterConnection
{
    private readonly Func<PreparedConnection> _connect;
    private readonly string _path;
    private readonly DiskReserve _reserve;
    private PreparedConnection? _connection;
    private WriteAheadLog? _log;
    private bool _isSynchronousFull;

    /// <param name="first">The first connection; this object disposes it.</param>
    /// <param name="connect">Opens another one.</param>
    /// <param name="path">The path for messages.</param>
    /// <param name="reserve">Space for a full disk.</param>
    public WriterConnection(PreparedConnection first, Func<PreparedConnection> connect, string path, DiskReserve reserve)
    {
        (_connect, _path, _reserve) = (connect, path, reserve);
        Set(first);
    }

    /// <summary>Gets the connection for a transaction.</summary>
    /// <param name="survivesPowerLoss">Whether its commit must be flushed to the disk.</param>
    /// <exception cref="SqliteStoreException">Another file is at the path now.</exception>
    public PreparedConnection Open(bool survivesPowerLoss)
    {
        var connection = _connection ?? Set(_connect());
        if (NativeFile.HasMoved(connection.Connection)) throw SqliteStoreException.CreateFileMoved(_path);
        if (_isSynchronousFull == survivesPowerLoss) return connection;
        connection.ExecutePragma(survivesPowerLoss ? "synchronous=FULL" : "synchronous=NORMAL");
        _isSynchronousFull = survivesPowerLoss;
        return connection;
    }

    /// <summary>Rolls an open transaction back.</summary>
    public void RollBack()
    {
        if (_connection is { InTransaction: true } open) open.Execute("ROLLBACK");
    }

    /// <inheritdoc cref="WriteAheadLog.CheckpointIfLarge"/>
    public bool CheckpointIfLarge() => _log!.CheckpointIfLarge();

    /// <summary>Copies the log into the database, so that it gives its space back.</summary>
    public void CopyLog() => _log!.TryTruncate();

    /// <summary>Truncates the log. The database may have to grow for it, and uses the reserved space on a full disk.</summary>
    public bool TryTruncateLog()
    {
        try
        {
            return _log!.TryTruncate();
        }
        catch (SqliteException exception) when (SqliteStoreException.IsFull(exception))
        {
            _reserve.Release();
            try
            {
                return _log!.TryTruncate();
            }
            finally
            {
                _reserve.Fill();
            }
        }
    }

    public void Close()
    {
        _connection?.Dispose();
        _connection = null;
        _log = null;
    }

    private PreparedConnection Set(PreparedConnection connection)
    {
        _connection = connection;
        _log = new WriteAheadLog(connection);
        _isSynchronousFull = true;
        return connection;
    }
}
