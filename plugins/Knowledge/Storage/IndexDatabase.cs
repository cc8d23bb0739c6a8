using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using PluginHost.Knowledge.Documents;
using PluginHost.Knowledge.Folders;
using PluginHost.Sdk;
using PluginHost.Shared.Sqlite;

namespace PluginHost.Knowledge.Storage;

/// <summary>A document as the index knows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Size">The size of the file when it was read.</param>
/// <param name="Modified">When the file was last changed, in ticks of UTC.</param>
/// <param name="Hash">The hash of its content.</param>
internal sealed record KnownDocument(long Id, long Size, long Modified, byte[] Hash);

/// <summary>Writes the index. Each document is one transaction. Not thread-safe: the index has one writer.</summary>
internal sealed class IndexDatabase : IDisposable
{
    private readonly SqliteConnection _connection;

    /// <exception cref="StorageException">The file cannot be used.</exception>
    public IndexDatabase(string path)
    {
        _connection = Open(path, SqliteOpenMode.ReadWriteCreate);
        try
        {
            Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;");
            IndexSchema.Apply(_connection, path);
        }
        catch (SqliteException e)
        {
            _connection.Dispose();
            throw Unusable(path, e);
        }
        catch (StorageException)
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <exception cref="StorageException">The file cannot be opened.</exception>
    public static SqliteConnection Open(string path, SqliteOpenMode mode)
    {
        try
        {
            return SqliteConnections.Open(path, mode);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, e);
        }
    }

    public static StorageException Unusable(string path, Exception e) => new(
        $"The index of documents in '{path}' cannot be used: {e.Message} Check the rights and the disk; a damaged file may be deleted, and then the documents are indexed again.", e);

    public long CountChunks() => (long)Scalar("SELECT count(*) FROM chunks")!;

    public IReadOnlyList<(string Folder, string Tenant, long Id)> ListScopes() =>
        Query("SELECT folder, tenant, id FROM scopes", static r => (r.GetString(0), r.GetString(1), r.GetInt64(2)));

    /// <summary>The scopes of a folder: one for each tenant, or one with an empty name.</summary>
    public IReadOnlyDictionary<string, long> ListScopes(string folder) =>
        Query("SELECT tenant, id FROM scopes WHERE folder = $1", static r => (r.GetString(0), r.GetInt64(1)), folder).ToDictionary(s => s.Item1, s => s.Item2, StringComparer.Ordinal);

    /// <summary>Finds the id of a scope, and adds the scope when it is missing.</summary>
    public long AddScope(string folder, string tenant, DateTimeOffset now)
    {
        Execute("INSERT INTO scopes (folder, tenant, used) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", folder, tenant, now.ToUnixTimeSeconds());
        return (long)Scalar("SELECT id FROM scopes WHERE folder = $1 AND tenant = $2", folder, tenant)!;
    }

    public IReadOnlyDictionary<string, KnownDocument> ListDocuments(long scope) => Query(
        "SELECT path, id, size, modified, hash FROM documents WHERE scope = $1",
        static r => (r.GetString(0), new KnownDocument(r.GetInt64(1), r.GetInt64(2), r.GetInt64(3), r.GetFieldValue<byte[]>(4))),
        scope).ToDictionary(d => d.Item1, d => d.Item2, StringComparer.Ordinal);

    /// <summary>Replaces a document.</summary>
    /// <returns>By how many passages the index has grown.</returns>
    public int Save(long scope, FoundFile file, byte[] hash, IEnumerable<Chunk> chunks)
    {
        using var transaction = _connection.BeginTransaction();
        var removed = DeleteChunks("document = (SELECT id FROM documents WHERE scope = $1 AND path = $2)", scope, file.Path);
        var document = (long)Scalar(
            """
            INSERT INTO documents (scope, path, size, modified, hash) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT DO UPDATE SET size = excluded.size, modified = excluded.modified, hash = excluded.hash RETURNING id
            """,
            scope, file.Path, file.Size, file.Modified, hash)!;
        var added = 0;
        foreach (var chunk in chunks)
        {
            var id = (long)Scalar(
                "INSERT INTO chunks (scope, document, heading, page, text) VALUES ($1, $2, $3, $4, $5) RETURNING id", scope, document, chunk.Heading, chunk.Page, chunk.Text)!;
            Execute("INSERT INTO words (rowid, scope, heading, text) VALUES ($1, $2, $3, $4)", id, IndexSchema.WordOf(scope), chunk.Heading, chunk.Text);
            added++;
        }

        transaction.Commit();
        return added - removed;
    }

    /// <summary>Notes that a file was touched and has the same content.</summary>
    public void Touch(long document, FoundFile file) => Execute("UPDATE documents SET size = $2, modified = $3 WHERE id = $1", document, file.Size, file.Modified);

    /// <returns>How many passages were removed.</returns>
    public int Remove(long document)
    {
        using var transaction = _connection.BeginTransaction();
        var removed = DeleteChunks("document = $1", document);
        Execute("DELETE FROM documents WHERE id = $1", document);
        transaction.Commit();
        return removed;
    }

    /// <summary>Removes one document of a folder that no entry has used since a time. When none is left, removes unused folders and models.</summary>
    /// <returns>How many passages were removed; null when there is nothing more to remove.</returns>
    public int? RemoveUnused(DateTimeOffset before)
    {
        var limit = before.ToUnixTimeSeconds();
        if (Scalar("SELECT d.id FROM documents d JOIN scopes s ON s.id = d.scope WHERE s.used < $1 LIMIT 1", limit) is long document) return Remove(document);
        Execute("DELETE FROM scopes WHERE used < $1", limit);
        Execute("DELETE FROM vectors WHERE model IN (SELECT id FROM models WHERE used < $1)", limit);
        Execute("DELETE FROM models WHERE used < $1", limit);
        return null;
    }

    /// <summary>Notes that a folder is in use, at most once an hour, so that a look at unchanged folders writes nothing.</summary>
    public void UseFolder(string folder, DateTimeOffset now) =>
        Execute("UPDATE scopes SET used = $2 WHERE folder = $1 AND used < $2 - 3600", folder, now.ToUnixTimeSeconds());

    /// <summary>Notes that a model is in use, like <see cref="UseFolder"/>.</summary>
    /// <returns>Its id.</returns>
    public long UseModel(string model, DateTimeOffset now)
    {
        Execute("INSERT INTO models (name, used) VALUES ($1, $2) ON CONFLICT DO UPDATE SET used = excluded.used WHERE used < excluded.used - 3600", model, now.ToUnixTimeSeconds());
        return (long)Scalar("SELECT id FROM models WHERE name = $1", model)!;
    }

    /// <summary>The passages of a scope that have no vector of a model, from an id on.</summary>
    public IReadOnlyList<(long Id, string Text)> ListWithoutVector(long scope, long model, long after, int limit) => Query(
        """
        SELECT c.id, c.heading, c.text FROM chunks c
        WHERE c.scope = $1 AND c.id > $3 AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.chunk = c.id AND v.model = $2) ORDER BY c.id LIMIT $4
        """,
        static r => (r.GetInt64(0), $"{r.GetString(1)}\n{r.GetString(2)}"),
        scope, model, after, limit);

    /// <summary>Saves vectors in one transaction. An empty one marks a passage that the model does not take.</summary>
    public void SaveVectors(long scope, long model, IReadOnlyList<(long Chunk, float[] Vector)> vectors)
    {
        using var transaction = _connection.BeginTransaction();
        foreach (var (chunk, vector) in vectors)
        {
            Execute(
                "INSERT INTO vectors (chunk, model, scope, vector) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                chunk, model, scope, MemoryMarshal.AsBytes(vector.AsSpan()).ToArray());
        }

        transaction.Commit();
    }

    public void Dispose() => _connection.Dispose();

    private int DeleteChunks(string condition, params ReadOnlySpan<object?> values)
    {
        Execute($"DELETE FROM words WHERE rowid IN (SELECT id FROM chunks WHERE {condition})", values);
        Execute($"DELETE FROM vectors WHERE chunk IN (SELECT id FROM chunks WHERE {condition})", values);
        return Execute($"DELETE FROM chunks WHERE {condition}", values);
    }

    private List<T> Query<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        using var command = _connection.Prepare(sql, values);
        using var reader = command.ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(read(reader));
        return rows;
    }

    private object? Scalar(string sql, params ReadOnlySpan<object?> values)
    {
        using var command = _connection.Prepare(sql, values);
        return command.ExecuteScalar();
    }

    private int Execute(string sql, params ReadOnlySpan<object?> values) => _connection.Execute(sql, values);
}
