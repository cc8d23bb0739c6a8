using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace PluginHost.Sqlite;

/// <summary>
/// The only writer of a database: one thread that takes all requests that wait and commits them together, so that they share
/// one flush to disk. A request that is alone is committed at once.
/// </summary>
internal sealed class Writer
{
    private readonly RequestQueue _queue = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HistoryHeads _heads = new();
    private readonly Func<PreparedConnection> _open;
    private readonly string _path;
    private readonly Condition _condition;
    private readonly ILogger _logger;
    private PreparedConnection? _connection;
    private WriteAheadLog? _log;
    private List<WriteRequest> _batch = [];
    private bool _isFull;
    private volatile bool _isFailing;

    /// <param name="connection">The first connection; the writer disposes it.</param>
    /// <param name="open">Makes another one when the first is broken.</param>
    /// <param name="path">For messages.</param>
    /// <param name="condition">Told what is met.</param>
    /// <param name="logger">Told when commits begin to fail, and when they work again.</param>
    public Writer(PreparedConnection connection, Func<PreparedConnection> open, string path, Condition condition, ILogger logger)
    {
        _open = open;
        _path = path;
        _condition = condition;
        _logger = logger;
        Use(connection);
        new Thread(Work) { IsBackground = true, Name = "sqlite-history writer" }.Start();
    }

    /// <summary>How many transactions were committed.</summary>
    public long Commits { get; private set; }

    /// <summary>Whether the last commit that was tried failed.</summary>
    public bool IsFailing => _isFailing;

    /// <summary>Makes a change durable.</summary>
    /// <param name="request">The change.</param>
    /// <param name="cancellationToken">Of effect until the writer begins with the request.</param>
    public async Task WriteAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var withdrawal = cancellationToken.UnsafeRegister(
            static (state, token) => ((WriteRequest)state!).Withdraw(token), request);
        if (!_queue.TryAdd(request)) throw new ObjectDisposedException(nameof(SqliteHistory), $"The database '{_path}' has been closed.");
        await request.Done;
    }

    /// <summary>Finishes what was asked for, then closes the connection.</summary>
    public Task StopAsync()
    {
        _queue.Complete();
        return _ended.Task;
    }

    private void Work()
    {
        while (_queue.Wait())
        {
            _batch = _queue.Take();
            if (_batch.Count > 0) Process();
        }

        try
        {
            Close();
        }
        catch (Exception exception)
        {
            // All that was acknowledged is durable; the next start copies the log.
            Log.CloseFailed(_logger, _path, exception);
        }

        _ended.SetResult();
    }

    private void Process()
    {
        try
        {
            var written = WriteAll();
            foreach (var request in written) request.Committed();
            // Only those who erase have to wait for the log; should that fail, it is theirs alone.
            foreach (var request in written.Where(static r => !r.Erases)) request.Complete();
            if (written.Exists(static r => r.Erases)) _log!.Empty();
            foreach (var request in written.Where(static r => r.Erases)) request.Complete();
            if (_isFailing) Log.Recovered(_logger, _path);
            _isFailing = false;
            _log!.Tidy();
        }
        catch (Exception exception)
        {
            Abandon(exception);
        }
    }

    /// <returns>The requests that were committed; others have been told why not.</returns>
    private List<WriteRequest> WriteAll()
    {
        var connection = _connection ?? Use(_open());
        if (NativeFile.HasMoved(connection.Connection)) throw SqliteStoreException.Gone(_path);
        Choose(connection, _batch.Exists(static r => r.IsFull));
        connection.Execute("BEGIN IMMEDIATE");
        var written = new List<WriteRequest>(_batch.Count);
        foreach (var request in _batch)
        {
            if (TryWrite(connection, request)) written.Add(request);
        }

        var began = Stopwatch.GetTimestamp();
        connection.Execute("COMMIT");
        _queue.Committed(Stopwatch.GetElapsedTime(began));
        Commits++;
        return written;
    }

    private bool TryWrite(PreparedConnection connection, WriteRequest request)
    {
        connection.Execute("SAVEPOINT request");
        try
        {
            request.Write(connection, _heads);
            connection.Execute("RELEASE request");
            return true;
        }
        catch (Exception exception)
        {
            _heads.Clear();
            _condition.Met(exception);
            // A full disk, for one, makes SQLite undo the whole transaction: then there is nothing to go back to.
            if (!connection.InTransaction) throw;
            connection.Execute("ROLLBACK TO request");
            connection.Execute("RELEASE request");
            request.Fail(SqliteStoreException.From(exception, _path));
            return false;
        }
    }

    /// <summary>Nothing of the batch was committed, or the log could not be emptied: whoever was not told yet is told why.</summary>
    private void Abandon(Exception exception)
    {
        _condition.Met(exception);
        var cause = SqliteStoreException.From(exception, _path);
        if (!_isFailing) Log.CommitFailed(_logger, cause.Message, exception);
        _isFailing = true;
        _heads.Clear();
        try
        {
            if (_connection is { InTransaction: true } open) open.Execute("ROLLBACK");
            if (SqliteStoreException.BreaksConnection(exception)) Close();
        }
        catch (Exception second)
        {
            Log.RollbackFailed(_logger, _path, second);
            Close();
        }

        foreach (var request in _batch) request.Fail(cause);
    }

    private void Choose(PreparedConnection connection, bool full)
    {
        if (_isFull == full) return;
        connection.Pragma(full ? "synchronous=FULL" : "synchronous=NORMAL");
        _isFull = full;
    }

    private PreparedConnection Use(PreparedConnection connection)
    {
        _connection = connection;
        _log = new WriteAheadLog(connection);
        _isFull = true;
        return connection;
    }

    private void Close()
    {
        _connection?.Dispose();
        _connection = null;
        _log = null;
    }
}
