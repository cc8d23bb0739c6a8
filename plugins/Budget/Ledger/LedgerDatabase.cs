using Microsoft.Data.Sqlite;
using PluginHost.Budget.Limits;
using PluginHost.Sdk;
using PluginHost.Shared.Sqlite;

namespace PluginHost.Budget.Ledger;

/// <summary>The file with the counters. A charge survives the death of the process. Thread-safe.</summary>
internal sealed class LedgerDatabase : IDisposable
{
    private const string Schema =
        """
        CREATE TABLE counters (owner TEXT NOT NULL, name TEXT NOT NULL, budget TEXT NOT NULL, used INTEGER NOT NULL, expires INTEGER,
          PRIMARY KEY (owner, name, budget)) WITHOUT ROWID;
        CREATE INDEX counters_expires ON counters (expires) WHERE expires IS NOT NULL;
        """;

    private readonly SqliteFile _file;
    private readonly string _path;

    /// <exception cref="StorageException">The file cannot be used.</exception>
    public LedgerDatabase(string path)
    {
        _path = path;
        _file = Use(() => new SqliteFile(path, "PRAGMA synchronous=NORMAL;", version: 1, Schema));
    }

    /// <summary>What is used of a budget.</summary>
    /// <exception cref="StorageException">The file cannot be read.</exception>
    public long Read(CounterKey key) => Use(() => _file.Read(connection =>
    {
        var command = connection.PrepareOnce("SELECT used FROM counters WHERE owner = $1 AND name = $2 AND budget = $3", key.Owner, key.Name, key.Budget);
        return command.ExecuteScalar() as long? ?? 0;
    }));

    /// <summary>What is used of the budgets of a user, by the text of <see cref="CounterKey.Budget"/>.</summary>
    /// <exception cref="StorageException">The file cannot be read.</exception>
    public IReadOnlyList<(string Budget, long Used)> ReadUser(UserKey user) => Use(() => _file.Read(connection =>
    {
        var counters = new List<(string, long)>();
        using var command = connection.Prepare(
            "SELECT budget, used FROM counters WHERE owner = $1 AND name = $2 AND instr(budget, ' User ') > 0", user.Tenant, user.Name);
        using var rows = command.ExecuteReader();
        while (rows.Read()) counters.Add((rows.GetString(0), rows.GetInt64(1)));
        return counters;
    }));

    /// <summary>Adds charges in one transaction.</summary>
    /// <param name="charges">The charges.</param>
    /// <param name="sweep">Deletes what expired before this time; null deletes nothing.</param>
    /// <returns>The totals after the charges, in their order.</returns>
    public IReadOnlyList<long> Add(IReadOnlyList<Charge> charges, DateTimeOffset? sweep) => _file.Write(connection =>
    {
        // Checked under the lock that a deletion takes, so that a deleted counter does not come back.
        var totals = charges.Select(c => c.Counter.IsDeleted ? 0 : Add(connection, c)).ToList();
        if (sweep is { } time) connection.Execute("DELETE FROM counters WHERE expires < $1", time.ToUnixTimeSeconds());
        return totals;
    });

    /// <summary>Deletes the counters of a session or a user.</summary>
    /// <param name="scope">Which of the two.</param>
    /// <param name="tenant">Whose it is.</param>
    /// <param name="name">The session or the user.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="StorageException">The file cannot be written.</exception>
    public int Delete(Scope scope, string tenant, string name) => Use(() => _file.Write(connection => connection.Execute(
        "DELETE FROM counters WHERE owner = $1 AND name = $2 AND instr(budget, $3) > 0", tenant, name, $" {scope} ")));

    public void Dispose() => _file.Dispose();

    private static long Add(SqliteConnection connection, Charge charge)
    {
        var command = connection.PrepareOnce(
            """
            INSERT INTO counters (owner, name, budget, used, expires) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO UPDATE SET used = used + excluded.used, expires = excluded.expires RETURNING used
            """,
            charge.Key.Owner, charge.Key.Name, charge.Key.Budget, charge.Amount, charge.Expires?.ToUnixTimeSeconds());
        return (long)command.ExecuteScalar()!;
    }

    private T Use<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StorageException(
                $"The counters of the budgets in '{_path}' cannot be used: {e.Message} Check the rights and the disk; a damaged file may be deleted, and then all budgets begin anew.", e);
        }
    }
}
