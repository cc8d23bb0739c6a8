using Microsoft.Data.Sqlite;
using PluginHost.Sdk;

namespace PluginHost.Budget.Ledger;

/// <summary>The file with the counters. A charge survives the death of the process. Thread-safe.</summary>
internal sealed class LedgerDatabase : IDisposable
{
    private const int SchemaVersion = 1;

    private readonly Lock _lock = new();
    // Reads do not wait for the writer, who may wait for another process.
    private readonly Lock _readLock = new();
    private readonly SqliteConnection _connection;
    private readonly SqliteConnection _reader;
    private readonly string _path;

    /// <exception cref="StorageException">The file cannot be used.</exception>
    public LedgerDatabase(string path)
    {
        _path = path;
        // The pool of the library is static and would outlive the plugin.
        var settings = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 5 }.ConnectionString;
        (_connection, _reader) = (new SqliteConnection(settings), new SqliteConnection(settings));
        try
        {
            _connection.Open();
            Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;");
            Migrate();
            _reader.Open();
        }
        catch (SqliteException e)
        {
            Dispose();
            throw Unusable(e);
        }
        catch (StorageException)
        {
            Dispose();
            throw;
        }
    }

    /// <summary>What is used of a budget.</summary>
    /// <exception cref="StorageException">The file cannot be read.</exception>
    public long Read(CounterKey key)
    {
        lock (_readLock)
        {
            try
            {
                using var command = Prepare(_reader, "SELECT used FROM counters WHERE owner = $1 AND name = $2 AND budget = $3", key.Owner, key.Name, key.Budget);
                return command.ExecuteScalar() as long? ?? 0;
            }
            catch (SqliteException e)
            {
                throw Unusable(e);
            }
        }
    }

    /// <summary>Adds charges in one transaction.</summary>
    /// <param name="charges">The charges.</param>
    /// <param name="sweep">Deletes what expired before this time; null deletes nothing.</param>
    /// <returns>The totals after the charges, in their order.</returns>
    public IReadOnlyList<long> Add(IReadOnlyList<Charge> charges, DateTimeOffset? sweep)
    {
        lock (_lock)
        {
            using var transaction = _connection.BeginTransaction();
            // Checked under the lock that a deletion takes, so that a deleted session does not come back.
            var totals = charges.Select(c => c.Counter.IsDeleted ? 0 : Add(c, transaction)).ToList();
            if (sweep is { } time)
            {
                using var command = Prepare("DELETE FROM counters WHERE expires < $1", time.ToUnixTimeSeconds());
                command.Transaction = transaction;
                command.ExecuteNonQuery();
            }

            transaction.Commit();
            return totals;
        }
    }

    /// <summary>Deletes the counters of a session.</summary>
    public int DeleteSession(SessionKey session)
    {
        lock (_lock)
        {
            using var command = Prepare(
                "DELETE FROM counters WHERE owner = $1 AND name = $2 AND instr(budget, ' Session ') > 0", session.Tenant, session.Id);
            return command.ExecuteNonQuery();
        }
    }

    public void Dispose()
    {
        _reader.Dispose();
        _connection.Dispose();
    }

    private long Add(Charge charge, SqliteTransaction transaction)
    {
        using var command = Prepare(
            """
            INSERT INTO counters (owner, name, budget, used, expires) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO UPDATE SET used = used + excluded.used, expires = excluded.expires RETURNING used
            """,
            charge.Key.Owner, charge.Key.Name, charge.Key.Budget, charge.Amount, charge.Expires?.ToUnixTimeSeconds());
        command.Transaction = transaction;
        return (long)command.ExecuteScalar()!;
    }

    private void Migrate()
    {
        using var version = Prepare("PRAGMA user_version");
        switch ((long)version.ExecuteScalar()!)
        {
            case 0:
                Execute(
                    $"""
                    BEGIN;
                    CREATE TABLE counters (owner TEXT NOT NULL, name TEXT NOT NULL, budget TEXT NOT NULL, used INTEGER NOT NULL, expires INTEGER,
                      PRIMARY KEY (owner, name, budget)) WITHOUT ROWID;
                    CREATE INDEX counters_expires ON counters (expires) WHERE expires IS NOT NULL;
                    PRAGMA user_version = {SchemaVersion};
                    COMMIT;
                    """);
                break;
            case SchemaVersion:
                break;
            default:
                throw new StorageException($"The counters of the budgets in '{_path}' were written by a newer version of the plugin. Install that version.");
        }
    }

    private StorageException Unusable(SqliteException e) => new(
        $"The counters of the budgets in '{_path}' cannot be used: {e.Message} Check the rights and the disk; a damaged file may be deleted, and then all budgets begin anew.", e);

    private void Execute(string sql)
    {
        using var command = Prepare(sql);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<object?> values) => Prepare(_connection, sql, values);

    private static SqliteCommand Prepare(SqliteConnection connection, string sql, params ReadOnlySpan<object?> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < values.Length; i++) command.Parameters.AddWithValue($"${i + 1}", values[i] ?? DBNull.Value);
        return command;
    }
}
