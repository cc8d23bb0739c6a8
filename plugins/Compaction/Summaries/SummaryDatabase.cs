using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Data.Sqlite;
using PluginHost.Sdk;
using PluginHost.Shared.Sqlite;

namespace PluginHost.Compaction.Summaries;

/// <summary>The file with the summaries. Thread-safe.</summary>
internal sealed class SummaryDatabase : IDisposable
{
    private const int SchemaVersion = 1;

    private readonly Lock _lock = new();
    private readonly SqliteConnection _connection;
    private readonly string _path;

    /// <exception cref="StorageException">The file cannot be used.</exception>
    public SummaryDatabase(string path)
    {
        _path = path;
        try
        {
            _connection = SqliteConnections.Open(path);
            // What was deleted must not stay in the file.
            _connection.Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;");
            Migrate();
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            _connection?.Dispose();
            throw Unusable(e);
        }
        catch (StorageException)
        {
            _connection?.Dispose();
            throw;
        }
    }

    /// <exception cref="StorageException">The file cannot be read.</exception>
    public Summary? Find(SummaryKey key) => Guard(() =>
    {
        using var command = _connection.Prepare("SELECT text, covered FROM summaries WHERE tenant = $1 AND session = $2 AND source = $3", key.Session.Tenant, key.Session.Id, key.Source);
        using var reader = command.ExecuteReader();
        return reader.Read() ? new Summary(reader.GetString(0), JsonSerializer.Deserialize(reader.GetString(1), SummaryJson.Default.DictionaryStringString)!) : null;
    });

    /// <exception cref="StorageException">The file cannot be written.</exception>
    public void Save(SummaryKey key, Summary summary) => Guard(() =>
    {
        using var command = _connection.Prepare(
            "INSERT INTO summaries (tenant, session, source, text, covered) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO UPDATE SET text = excluded.text, covered = excluded.covered",
            key.Session.Tenant, key.Session.Id, key.Source, summary.Text, JsonSerializer.Serialize(new(summary.Covered), SummaryJson.Default.DictionaryStringString));
        return command.ExecuteNonQuery();
    });

    /// <exception cref="StorageException">The file cannot be written.</exception>
    public int Delete(SessionKey session) => Guard(() =>
    {
        using var command = _connection.Prepare("DELETE FROM summaries WHERE tenant = $1 AND session = $2", session.Tenant, session.Id);
        var removed = command.ExecuteNonQuery();
        // The log still has what was deleted.
        if (removed > 0) _connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        return removed;
    });

    public void Dispose() => _connection.Dispose();

    private T Guard<T>(Func<T> call)
    {
        lock (_lock)
        {
            try
            {
                return call();
            }
            catch (SqliteException e)
            {
                throw Unusable(e);
            }
        }
    }

    private void Migrate()
    {
        using var version = _connection.Prepare("PRAGMA user_version");
        switch ((long)version.ExecuteScalar()!)
        {
            case 0:
                _connection.Execute(
                    $"""
                    BEGIN;
                    CREATE TABLE summaries (tenant TEXT NOT NULL, session TEXT NOT NULL, source TEXT NOT NULL, text TEXT NOT NULL, covered TEXT NOT NULL,
                      PRIMARY KEY (tenant, session, source)) WITHOUT ROWID;
                    PRAGMA user_version = {SchemaVersion};
                    COMMIT;
                    """);
                break;
            case SchemaVersion:
                break;
            default:
                throw new StorageException($"The summaries in '{_path}' were written by a newer version of the plugin. Install that version, or delete the file: summaries are written again.");
        }
    }

    private StorageException Unusable(Exception e) => new(
        $"The summaries in '{_path}' cannot be used: {e.Message} Check the rights and the disk; a damaged file may be deleted, and then summaries are written again.", e);
}

/// <summary>The JSON of the file.</summary>
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class SummaryJson : JsonSerializerContext;
