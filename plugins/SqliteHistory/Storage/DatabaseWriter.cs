using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace PluginHost.Sqlite;

/// <summary>
/// The only writer of a database: one thread that commits all waiting requests together, so that they share one flush to disk. A
/// single request is committed immediately.
/// </summary>
internal sealed class DatabaseWriter
{
    private readonly RequestQueue _queue = new();
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BatchTransaction _transaction;
    private readonly WriterConnection _connection;
    private readonly string _path;
    private readonly DatabaseHealth _health;
    private readonly ILogger _logger;
    private readonly DiskReserve _reserve;
    private List<WriteRequest> _batch = [];
    private volatile bool _isFailing;

    /// <param name="connection">The first connection; the writer disposes it.</param>
    /// <param name="connect">Opens a new connection after one broke.</param>
    /// <param name="background">Copies the log; the writer disposes it.</param>
    /// <param name="path">The path for messages.</param>
    /// <param name="health">Records damage.</param>
    /// <param name="logger">Logs the first failed commit and the recovery.</param>
    public DatabaseWriter(
        PreparedConnection connection, Func<PreparedConnection> connect, BackgroundCheckpoint background, string path, DatabaseHealth health, ILogger logger)
    {
        _path = path;
        _health = health;
        _transaction = new BatchTransaction(path, health);
        _logger = logger;
        _reserve = new DiskReserve(path, logger);
        _reserve.Fill();
        _connection = new WriterConnection(connection, connect, path, _reserve, background);
        new Thread(RunLoop) { IsBackground = true, Name = "sqlite-history writer" }.Start();
    }

    /// <summary>The number of committed transactions.</summary>
    public long Commits { get; private set; }

    /// <inheritdoc cref="WriterConnection.Counts"/>
    public WriterCounts Counts => _connection.Counts;

    /// <summary>Called on the writer's thread when the log must be truncated. Must not block.</summary>
    public Action? LogIsLarge { get; set; }

    /// <summary>Whether the last commit failed.</summary>
    public bool IsFailing => _isFailing;

    /// <summary>Makes a change durable.</summary>
    /// <param name="request">The change.</param>
    /// <param name="cancellationToken">Cancels the request until the writer starts it.</param>
    public async Task WriteAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((WriteRequest)state!).Cancel(token), request);
        if (!_queue.TryAdd(request)) throw new ObjectDisposedException(nameof(SqliteHistory), $"The database '{_path}' is closed.");
        await request.Completion;
    }

    /// <summary>Completes all waiting requests, then closes the connection.</summary>
    public Task StopAsync()
    {
        _queue.Complete();
        return _stopped.Task;
    }

    private void RunLoop()
    {
        while (_queue.Wait())
        {
            _batch = _queue.TakeBatch();
            if (_batch.Count > 0) CommitBatch();
        }

        try
        {
            _connection.Stop();
            _reserve.Release();
        }
        catch (Exception exception)
        {
            // All acknowledged changes are durable. The next start copies the log into the database.
            Log.CloseFailed(_logger, _path, exception);
        }

        _stopped.SetResult();
    }

    private void CommitBatch()
    {
        try
        {
            Complete(WriteBatch());
            if (_isFailing) Log.Recovered(_logger, _path);
            _isFailing = false;
            // Behind the answers, which need not wait for it.
            _connection.PlaceNewRowsIfMany();
            if (_connection.CopyLogIfLarge()) LogIsLarge?.Invoke();
        }
        catch (Exception exception) when (SqliteStoreException.IsFull(exception) && _batch.Exists(static r => r.MayUseReserve))
        {
            RetryWithReserve(exception);
        }
        catch (Exception exception)
        {
            FailBatch(exception);
        }
    }

    private void Complete(List<WriteRequest> written)
    {
        foreach (var request in written) request.OnCommitted();
        // Others need not wait for the truncation of the log.
        foreach (var request in written.Where(static r => !r.TruncatesLog)) request.Complete();
        if (!written.Exists(static r => r.TruncatesLog)) return;
        var isTruncated = _connection.TryTruncateLog();
        foreach (var request in written.Where(static r => r.TruncatesLog))
        {
            request.IsLogTruncated = isTruncated;
            request.Complete();
        }
    }

    /// <summary>Repeats the deletions of a batch that met a full disk with the reserved space. Fails its other requests.</summary>
    private void RetryWithReserve(Exception cause)
    {
        var erasures = _batch.FindAll(static r => r.MayUseReserve && !r.Completion.IsCompleted);
        _batch.RemoveAll(static r => r.MayUseReserve);
        FailBatch(cause);
        _batch = erasures;
        _reserve.Release();
        try
        {
            // First copy what the log holds, so that the log gives its space back.
            _connection.CopyLog();
            Complete(WriteBatch());
        }
        catch (Exception exception)
        {
            FailBatch(exception);
        }
        finally
        {
            _reserve.Fill();
        }
    }

    /// <returns>The committed requests. The others have failed.</returns>
    private List<WriteRequest> WriteBatch()
    {
        var connection = _connection.Open(survivesPowerLoss: _batch.Exists(static r => r.SurvivesPowerLoss));
        var written = _transaction.Write(connection, _batch);
        var started = Stopwatch.GetTimestamp();
        connection.Execute("COMMIT");
        _queue.RecordCommit(Stopwatch.GetElapsedTime(started));
        Commits++;
        return written;
    }

    /// <summary>Fails all requests of the batch that have not completed.</summary>
    private void FailBatch(Exception exception)
    {
        _health.Report(exception);
        var cause = SqliteStoreException.From(exception, _path);
        if (!_isFailing) Log.CommitFailed(_logger, cause.Message, exception);
        _isFailing = true;
        _transaction.Forget();
        try
        {
            _connection.RollBack();
            if (SqliteStoreException.BreaksConnection(exception)) _connection.Close();
        }
        catch (Exception second)
        {
            Log.RollbackFailed(_logger, _path, second);
            _connection.Close();
        }

        foreach (var request in _batch) request.Fail(cause);
    }
}
