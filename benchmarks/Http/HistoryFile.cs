using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;

namespace PluginHost.Benchmarks.Http;

/// <summary>
/// A SQLite file with the same durability as the host's: write-ahead log, <c>synchronous=FULL</c>. It has one connection with
/// prepared statements. Not thread-safe.
/// </summary>
internal sealed class HistoryFile : IDisposable
{
    private const string Schema = """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        CREATE TABLE IF NOT EXISTS messages (session TEXT NOT NULL, n INTEGER NOT NULL, json TEXT NOT NULL, PRIMARY KEY (session, n)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS sessions (id TEXT NOT NULL PRIMARY KEY, version INTEGER NOT NULL, next INTEGER NOT NULL, updated INTEGER NOT NULL) WITHOUT ROWID;
        """;

    private static readonly JsonSerializerOptions Json = new(AIJsonUtilities.DefaultOptions) { WriteIndented = false };

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _selectWindow;
    private readonly SqliteCommand _upsertSession;
    private readonly SqliteCommand _insertMessage;

    public HistoryFile(string path)
    {
        _connection = new($"Data Source={path};Pooling=False");
        _connection.Open();
        using (var schema = CreateCommand(Schema)) schema.ExecuteNonQuery();
        _selectWindow = CreateCommand("SELECT json FROM messages WHERE session = $session ORDER BY n DESC LIMIT $limit", "$session", "$limit");
        _upsertSession = CreateCommand(
            """
            INSERT INTO sessions VALUES ($session, 1, $count, $now)
            ON CONFLICT (id) DO UPDATE SET version = version + 1, next = next + $count, updated = $now RETURNING next
            """,
            "$session", "$count", "$now");
        _insertMessage = CreateCommand("INSERT INTO messages VALUES ($session, $n, $json)", "$session", "$n", "$json");
    }

    /// <summary>Reads the newest messages of a session. Returns them oldest first.</summary>
    public List<ChatMessage> ReadWindow(string session, int limit)
    {
        _selectWindow.Parameters[0].Value = session;
        _selectWindow.Parameters[1].Value = limit;
        var messages = new List<ChatMessage>(limit);
        using var reader = _selectWindow.ExecuteReader();
        while (reader.Read()) messages.Add(JsonSerializer.Deserialize<ChatMessage>(reader.GetString(0), Json)!);
        messages.Reverse();
        return messages;
    }

    public SqliteTransaction BeginTransaction() => _connection.BeginTransaction();

    /// <summary>Appends messages to a session and updates its record in the transaction.</summary>
    public void Append(SqliteTransaction transaction, string session, IReadOnlyList<ChatMessage> messages)
    {
        (_upsertSession.Transaction, _insertMessage.Transaction) = (transaction, transaction);
        _upsertSession.Parameters[0].Value = session;
        _upsertSession.Parameters[1].Value = messages.Count;
        _upsertSession.Parameters[2].Value = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var n = (long)_upsertSession.ExecuteScalar()! - messages.Count;
        foreach (var message in messages)
        {
            _insertMessage.Parameters[0].Value = session;
            _insertMessage.Parameters[1].Value = n++;
            _insertMessage.Parameters[2].Value = JsonSerializer.Serialize(message, Json);
            _insertMessage.ExecuteNonQuery();
        }
    }

    public void Dispose()
    {
        _selectWindow.Dispose();
        _upsertSession.Dispose();
        _insertMessage.Dispose();
        _connection.Dispose();
    }

    private SqliteCommand CreateCommand(string text, params string[] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        foreach (var name in parameters) command.Parameters.Add(new SqliteParameter { ParameterName = name });
        if (parameters.Length > 0) command.Prepare();
        return command;
    }
}
