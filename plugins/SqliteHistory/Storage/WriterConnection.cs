using Microsoft.Data.Sqlite;

namespace PluginHost.Sqlite;

/// <summary>The writer's connection and the log of its database. It opens another connection after one broke. For the writer's thread alone.</summary>
internal sealed class WriterConnection
{
    private readonly Func<PreparedConnection> _connect;
    private readonly string _path;
    private readonly DiskReserve _reserve;
    private readonly BackgroundCheckpoint _background;
    private PreparedConnection? _connection;
    private WriteAheadLog? _log;
    private LogLength? _length;
    private NewRows? _newRows;
    private bool _isSynchronousFull;

    /// <param name="first">The first connection; this object disposes it.</param>
    /// <param name="connect">Opens another one.</param>
    /// <param name="path">The path for messages.</param>
    /// <param name="reserve">Space for a full disk.</param>
    /// <param name="background">Copies the log; this object disposes it.</param>
    public WriterConnection(PreparedConnection first, Func<PreparedConnection> connect, string path, DiskReserve reserve, BackgroundCheckpoint background)
    {
        (_connect, _path, _reserve, _background) = (connect, path, reserve, background);
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

    /// <summary>What the connection has done so far.</summary>
    public WriterCounts Counts => new(_connection?.Statements ?? 0, _length?.Total ?? 0);

    /// <inheritdoc cref="NewRows.PlaceIfMany"/>
    public void PlaceNewRowsIfMany() => _newRows!.PlaceIfMany();

    /// <inheritdoc cref="LogLength.CopyIfLarge"/>
    public bool CopyLogIfLarge() => _length!.CopyIfLarge();

    /// <summary>Copies the log into the database, so that it gives its space back.</summary>
    public void CopyLog()
    {
        _background.Wait();
        _log?.TryTruncate();
    }

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

    /// <summary>Closes the connection for good.</summary>
    public void Stop()
    {
        // The last connection that closes copies the log.
        _background.Dispose();
        Close();
    }

    /// <summary>Closes the connection after an error. The next use opens another one.</summary>
    public void Close()
    {
        _connection?.Dispose();
        (_connection, _log, _length, _newRows) = (null, null, null, null);
    }

    private PreparedConnection Set(PreparedConnection connection)
    {
        _connection = connection;
        _log = new WriteAheadLog(connection);
        _length = new LogLength(_log, _background);
        _newRows = new NewRows(connection);
        _isSynchronousFull = true;
        return connection;
    }
}
