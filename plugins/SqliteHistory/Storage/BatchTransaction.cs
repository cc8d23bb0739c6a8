namespace PluginHost.Sqlite;

/// <summary>Writes the requests of a batch in one transaction. For the writer's thread alone.</summary>
/// <param name="path">The path for messages.</param>
/// <param name="health">Records damage.</param>
internal sealed class BatchTransaction(string path, DatabaseHealth health)
{
    private const string Begin = "BEGIN IMMEDIATE";

    private readonly AppendPositions _positions = new();

    /// <summary>Begins a transaction and writes the requests. Fails those that cannot be written.</summary>
    /// <returns>The others, to commit.</returns>
    public List<WriteRequest> Write(PreparedConnection connection, List<WriteRequest> batch)
    {
        connection.Execute(Begin);
        if (TryWriteAll(connection, batch)) return batch;
        var written = new List<WriteRequest>(batch.Count);
        foreach (var request in batch)
        {
            if (TryWrite(connection, request)) written.Add(request);
        }

        return written;
    }

    /// <summary>Forgets what a transaction that was rolled back had written.</summary>
    public void Forget() => _positions.Clear();

    /// <summary>Writes all requests without savepoints, for which SQLite copies each changed page.</summary>
    /// <returns>False when one of them failed. Then none is written.</returns>
    private bool TryWriteAll(PreparedConnection connection, List<WriteRequest> batch)
    {
        try
        {
            foreach (var request in batch) request.Write(connection, _positions);
            return true;
        }
        catch (Exception exception) when (!SqliteStoreException.IsFull(exception) && connection.InTransaction)
        {
            Forget();
            connection.Execute("ROLLBACK");
            connection.Execute(Begin);
            return false;
        }
    }

    private bool TryWrite(PreparedConnection connection, WriteRequest request)
    {
        connection.Execute("SAVEPOINT request");
        try
        {
            request.Write(connection, _positions);
            connection.Execute("RELEASE request");
            return true;
        }
        catch (Exception exception)
        {
            Forget();
            health.Report(exception);
            // On some errors, such as a full disk, SQLite rolls back the whole transaction, and the savepoint is gone.
            if (!connection.InTransaction || SqliteStoreException.IsFull(exception)) throw;
            connection.Execute("ROLLBACK TO request");
            connection.Execute("RELEASE request");
            request.Fail(SqliteStoreException.From(exception, path));
            return false;
        }
    }
}
