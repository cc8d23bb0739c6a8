using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace PluginHost.Sqlite;

/// <summary>
/// The only writer of a database: one thread that takes all requests that wait and commits them together, so that they share
/// one flush to disk. A request that is alone is committed at once.
/// </summary>
internal sealed class Writer
{
    private const int BatchSize = 256;

    private static readonly TimeSpan LongestMoment = TimeSpan.FromMilliseconds(1);

    private readonly Channel<WriteRequest> _queue = Channel.CreateUnbounded<WriteRequest>(
        // The writer's thread blocks on the channel: waking it from the caller's thread saves the detour over the pool.
        new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<WriteRequest> _batch = new(BatchSize);
    private readonly HistoryHeads _heads = new();
    private readonly Func<PreparedConnection> _open;
    private readonly string _path;
    private readonly ILogger _logger;
    private PreparedConnection? _connection;
    private WriteAheadLog? _log;
    private TimeSpan _moment;
    private int _expected;
    private bool _isFull;
    private bool _isFailing;

    /// <param name="connection">The first connection; the writer disposes it.</param>
    /// <param name="open">Makes another one when the first is broken.</param>
    /// <param name="path">For messages.</param>
    /// <param name="logger">Told when commits begin to fail, and when they work again.</param>
    public Writer(PreparedConnection connection, Func<PreparedConnection> open, string path, ILogger logger)
    {
        _open = open;
        _path = path;
        _logger = logger;
        Use(connection);
        new Thread(Work) { IsBackground = true, Name = "sqlite-history writer" }.Start();
    }

    /// <summary>How many transactions were committed.</summary>
    public long Commits { get; private set; }

    /// <summary>Makes a change durable.</summary>
    /// <param name="request">The change.</param>
    /// <param name="cancellationToken">Of effect until the writer begins with the request.</param>
    public async Task WriteAsync(WriteRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var withdrawal = cancellationToken.UnsafeRegister(
            static (state, token) => ((WriteRequest)state!).Withdraw(token), request);
        if (!_queue.Writer.TryWrite(request)) throw new ObjectDisposedException(nameof(SqliteHistory), $"The database '{_path}' has been closed.");
        await request.Done;
    }

    /// <summary>Finishes what was asked for, then closes the connection.</summary>
    public Task StopAsync()
    {
        _queue.Writer.TryComplete();
        return _ended.Task;
    }

    private void Work()
    {
        while (_queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            Collect();
            if (_batch.Count > 0) Process();
        }

        Close();
        _ended.SetResult();
    }

    /// <summary>
    /// Takes what waits. When commits were shared just now, the callers that were told of the last one are about to come again:
    /// a moment's patience, short beside the commit, lets them share the next one too.
    /// </summary>
    private void Collect()
    {
        _batch.Clear();
        Drain();
        if (_batch.Count < _expected)
        {
            var began = Stopwatch.GetTimestamp();
            while (_batch.Count < _expected && Stopwatch.GetElapsedTime(began) < _moment)
            {
                Thread.Yield();
                Drain();
            }
        }

        _expected = Math.Max(_batch.Count, _expected * 3 / 4);
    }

    private void Drain()
    {
        while (_batch.Count < BatchSize && _queue.Reader.TryRead(out var request))
        {
            if (request.TryTake()) _batch.Add(request);
        }
    }

    private void Process()
    {
        try
        {
            var written = WriteAll();
            foreach (var request in written) request.Committed();
            // Only those who erase have to wait for the log; should that fail, it is theirs alone.
            var erasing = written.FindAll(static r => r.Erases);
            foreach (var request in written.Except(erasing)) request.Complete();
            if (erasing.Count > 0) _log!.Empty();
            foreach (var request in erasing) request.Complete();
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
        Choose(connection, _batch.Exists(static r => r.IsFull));
        connection.Execute("BEGIN IMMEDIATE");
        var written = new List<WriteRequest>(_batch.Count);
        foreach (var request in _batch)
        {
            if (TryWrite(connection, request)) written.Add(request);
        }

        var began = Stopwatch.GetTimestamp();
        connection.Execute("COMMIT");
        var half = Stopwatch.GetElapsedTime(began) / 2;
        _moment = half < LongestMoment ? half : LongestMoment;
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
