using System.Diagnostics;
using System.Net.Sockets;
using Npgsql;
using PluginHost.Sdk;

namespace PluginHost.Postgres;

/// <content>Round trips.</content>
internal sealed partial class Database
{
    private const int MaxAttempts = 3;

    private volatile bool _isFailing;
    private volatile bool _hasFailedWrite;
    private long _lastSuccess;

    /// <summary>Reads in one round trip.</summary>
    /// <param name="operation">The name of the operation, for spans.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="read">Makes a value of its rows. May be called again after a lost connection.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <param name="isOfLease">Whether it belongs to the host's lease, and must not wait for other calls.</param>
    public async ValueTask<T> ReadAsync<T>(
        string operation, Statement statement, Func<NpgsqlDataReader, CancellationToken, Task<T>> read, CancellationToken cancellationToken, bool isOfLease = false)
    {
        await OpenAsync(cancellationToken);
        return await RetryAsync(operation, [statement], rows => read(rows, cancellationToken), isOfLease, cancellationToken);
    }

    /// <summary>Reads what several statements return, in one round trip and one transaction.</summary>
    /// <inheritdoc cref="ReadAsync{T}(string, Statement, Func{NpgsqlDataReader, CancellationToken, Task{T}}, CancellationToken, bool)"/>
    public async ValueTask<T> ReadAsync<T>(
        string operation, IReadOnlyList<Statement> statements, Func<NpgsqlDataReader, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);
        return await RetryAsync(operation, statements, rows => read(rows, cancellationToken), isOfLease: false, cancellationToken);
    }

    /// <summary>
    /// Writes in one round trip and one transaction. It may be sent twice when the connection is lost, so it must bear a repetition.
    /// </summary>
    /// <param name="operation">The name of the operation, for spans.</param>
    /// <param name="statements">The statements, in order. One that fails undoes all.</param>
    /// <param name="cancellationToken">Cancels the call before anything has been sent.</param>
    /// <param name="isRepeated">Whether the same was sent before, with an unknown end.</param>
    /// <param name="isOfLease">Whether it belongs to the host's lease, and must not wait for other calls.</param>
    /// <returns>The number of changed rows.</returns>
    /// <exception cref="RefusedException">A condition of the statements is not met. Nothing was changed.</exception>
    public async ValueTask<int> WriteAsync(
        string operation, IReadOnlyList<Statement> statements, CancellationToken cancellationToken, bool isRepeated = false, bool isOfLease = false)
    {
        await OpenAsync(cancellationToken);
        try
        {
            return await RetryAsync(
                operation,
                statements,
                async rows =>
                {
                    // The transaction commits behind the last result.
                    while (await rows.NextResultAsync(CancellationToken.None)) { }
                    _hasFailedWrite = false;
                    return rows.RecordsAffected;
                },
                isOfLease,
                cancellationToken);
        }
        catch (PostgresStoreException e)
        {
            e.IsRepeated |= isRepeated;
            if (e.InnerException is PostgresException { SqlState: Tables.Refused, MessageText: var reason }) throw new RefusedException(reason, e.IsRepeated, e);
            _hasFailedWrite = true;
            throw;
        }
    }

    /// <summary>The same for a write of a session, which passes only while the session is this host's. What is known of the session is forgotten.</summary>
    /// <exception cref="SessionMovedException">It is another host's. Nothing was changed.</exception>
    public async ValueTask<int> WriteAsync(string operation, SessionKey session, IReadOnlyList<Statement> statements, CancellationToken cancellationToken)
    {
        var fence = await Fences.RequireAsync(session, cancellationToken);
        var change = Cache.BeginChange(session, fence);
        try
        {
            return await WriteFencedAsync(operation, session, fence, statements, cancellationToken);
        }
        catch (Exception e)
        {
            if (MayBeStored(e)) Fences.Doubt(session, fence, isSave: false);
            throw;
        }
        finally
        {
            SessionCache.End(change);
        }
    }

    /// <summary>The same for a write that changes neither the session's record nor its messages.</summary>
    /// <inheritdoc cref="WriteAsync(string, SessionKey, IReadOnlyList{Statement}, CancellationToken)"/>
    public async ValueTask<int> WriteBesideAsync(string operation, SessionKey session, IReadOnlyList<Statement> statements, CancellationToken cancellationToken) =>
        await WriteFencedAsync(operation, session, await Fences.RequireAsync(session, cancellationToken), statements, cancellationToken);

    /// <summary>Whether a write that failed may be stored, now or later.</summary>
    public static bool MayBeStored(Exception exception) =>
        exception is not (RefusedException or SessionMovedException or SessionConflictException or PostgresStoreException { IsUnreachable: false, IsRepeated: false });

    /// <summary>Writes while the session is this host's by a fence.</summary>
    /// <inheritdoc cref="WriteAsync(string, SessionKey, IReadOnlyList{Statement}, CancellationToken)"/>
    public async ValueTask<int> WriteFencedAsync(
        string operation, SessionKey session, long? fence, IReadOnlyList<Statement> statements, CancellationToken cancellationToken, bool isRepeated = false)
    {
        if (fence is { } named) statements = [ClaimStatements.Require(session, Fences.HostId!, named), .. statements];
        try
        {
            return await WriteAsync(operation, statements, cancellationToken, isRepeated);
        }
        catch (RefusedException e) when (e.Reason == ClaimStatements.Moved)
        {
            Fences.Lose(session, fence!.Value);
            throw new SessionMovedException(session, e);
        }
    }

    /// <summary>Writes a group once, in one round trip and one transaction. Whatever fails, the saves are written alone, and say so.</summary>
    /// <returns>The numbers of those that are stored, and the outcome of the others.</returns>
    /// <exception cref="PostgresStoreException">The server cannot be reached. Nothing was sent.</exception>
    public async ValueTask<(HashSet<int> Stored, SaveOutcome Others)> WriteGroupAsync(IReadOnlyList<WaitingSave> saves)
    {
        await using var connection = await ConnectToWriteAsync();
        try
        {
            await using var batch = CreateBatch(connection, SaveGroupStatements.From(Fences.HostId!, saves));
            await using var rows = await batch.ExecuteReaderAsync(CancellationToken.None);
            // Behind the settings, the writes of sessions return the numbers that they have taken, from 1. The other statements return no rows.
            var stored = new HashSet<int>();
            while (await rows.NextResultAsync(CancellationToken.None))
            {
                while (await rows.ReadAsync(CancellationToken.None)) stored.Add((int)rows.GetInt64(0) - 1);
            }

            _hasFailedWrite = false;
            ReportSuccess();
            return (stored, SaveOutcome.NotStored);
        }
        catch (Exception e)
        {
            Log.GroupFailed(_logger, saves.Count, _names.Server, e);
            // An error of a statement has undone all of them.
            return ([], e is PostgresException && !PostgresStoreException.From(e, _names).IsUnreachable ? SaveOutcome.NotStored : SaveOutcome.Unknown);
        }
    }

    private async ValueTask<NpgsqlConnection> ConnectToWriteAsync()
    {
        await OpenAsync(CancellationToken.None);
        try
        {
            return await _source.OpenConnectionAsync(CancellationToken.None);
        }
        catch (Exception e) when (IsOfDatabase(e))
        {
            _hasFailedWrite = true;
            throw ReportFailure(e);
        }
    }

    private async ValueTask<T> RetryAsync<T>(
        string operation, IReadOnlyList<Statement> statements, Func<NpgsqlDataReader, Task<T>> use, bool isOfLease, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var span = _spans.Start(operation, statements.Count);
            var (source, isSent) = (isOfLease ? _leaseSource : _source, false);
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancellationToken);
                isSent = true;
                await using var batch = CreateBatch(connection, statements);
                // What has been sent is not cancelled: it could be committed all the same.
                await using var rows = await batch.ExecuteReaderAsync(CancellationToken.None);
                var result = await use(rows);
                ReportSuccess();
                return result;
            }
            catch (Exception e) when (IsOfDatabase(e))
            {
                Spans.Fail(span, e);
                if (isSent && attempt < MaxAttempts && MayRepeat(e, source)) continue;
                var failure = ReportFailure(e);
                // Only a try that was sent is followed by another.
                failure.IsRepeated = attempt > 1;
                throw failure;
            }
        }
    }

    /// <inheritdoc cref="Spans.Start"/>
    public Activity? StartSpan(string operation, int statements) => _spans.Start(operation, statements);

    private NpgsqlBatch CreateBatch(NpgsqlConnection connection, IReadOnlyList<Statement> statements)
    {
        var batch = new NpgsqlBatch(connection);
        foreach (var statement in statements)
        {
            var command = new NpgsqlBatchCommand(ToSql(statement.Sql));
            foreach (var value in statement.Values) command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
            batch.BatchCommands.Add(command);
        }

        return batch;
    }

    private static bool IsOfDatabase(Exception e) => e is NpgsqlException or TimeoutException or SocketException or IOException;

    /// <summary>Whether the next try may succeed: the connection was lost since it was last used, or two transactions met.</summary>
    private static bool MayRepeat(Exception exception, NpgsqlDataSource source)
    {
        // A class of lost connections: PgBouncer reports those to its server so.
        if (exception is PostgresException e && !e.SqlState.StartsWith("08", StringComparison.Ordinal))
        {
            return e.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.AdminShutdown
                or PostgresErrorCodes.CrashShutdown
                // A prepared statement whose tables a newer host has migrated. Npgsql prepares it again.
                or PostgresErrorCodes.InvalidSqlStatementName or PostgresErrorCodes.FeatureNotSupported || (e.SqlState == PostgresErrorCodes.UniqueViolation && e.ConstraintName == "runs_by_key");
        }

        // PostgresException is an NpgsqlException.
        if (exception is not NpgsqlException { InnerException: not TimeoutException }) return false;
        // The other connections of the pool are probably lost too.
        source.Clear();
        return true;
    }

    private void ReportSuccess()
    {
        Volatile.Write(ref _lastSuccess, _time.GetTimestamp());
        // After a failed write, a read proves nothing: the disk may be full.
        if (!_isFailing || _hasFailedWrite) return;
        _isFailing = false;
        Log.Recovered(_logger, _names.Server);
    }

    private PostgresStoreException ReportFailure(Exception exception)
    {
        var known = PostgresStoreException.From(exception, _names);
        // Some failures are of one call alone: the database can be used.
        if (exception is PostgresException { SqlState: Tables.Refused or PostgresErrorCodes.UniqueViolation }) return known;
        if (!_isFailing) Log.Failed(_logger, known.Message, exception);
        _isFailing = true;
        return known;
    }
}

/// <summary>A write was refused by a condition in its statements.</summary>
/// <param name="reason">The condition's name.</param>
/// <param name="isRepeated">Whether the write was sent before, with an unknown end.</param>
/// <param name="inner">The server's error.</param>
internal sealed class RefusedException(string reason, bool isRepeated, Exception inner) : Exception(reason, inner)
{
    public string Reason => Message;

    public bool IsRepeated { get; } = isRepeated;
}
