using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;

namespace PluginHost.Benchmarks.Http;

/// <summary>
/// A SQLite file as durable as the host's: write-ahead log, <c>synchronous=FULL</c>. One connection, with its prepared
/// statements; for one caller at a time.
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
    private readonly SqliteCommand _window;
    private readonly SqliteCommand _touch;
    private readonly SqliteCommand _insert;

    public HistoryFile(string path)
    {
        _connection = new($"Data Source={path};Pooling=False");
        _connection.Open();
        using (var schema = Command(Schema)) schema.ExecuteNonQuery();
        _window = Command("SELECT json FROM messages WHERE session = $session ORDER BY n DESC LIMIT $limit", "$session", "$limit");
        _touch = Command(
            """
            INSERT INTO sessions VALUES ($session, 1, $count, $now)
            ON CONFLICT (id) DO UPDATE SET version = version + 1, next = next + $count, updated = $now RETURNING next
            """,
            "$session", "$count", "$now");
        _insert = Command("INSERT INTO messages VALUES ($session, $n, $json)", "$session", "$n", "$json");
    }

    /// <summary>The last messages of a session, oldest first.</summary>
    public List<ChatMessage> ReadWindow(string session, int limit)
    {
        _window.Parameters[0].Value = session;
        _window.Parameters[1].Value = limit;
        var messages = new List<ChatMessage>(limit);
        using var reader = _window.ExecuteReader();
        while (reader.Read()) messages.Add(JsonSerializer.Deserialize<ChatMessage>(reader.GetString(0), Json)!);
        messages.Reverse();
        return messages;
    }

    public SqliteTransaction Begin() => _connection.BeginTransaction();

    /// <summary>Adds messages to a session and writes its record, within the transaction.</summary>
    public void Append(SqliteTransaction transaction, string session, IReadOnlyList<ChatMessage> messages)
    {
        (_touch.Transaction, _insert.Transaction) = (transaction, transaction);
        _touch.Parameters[0].Value = session;
        _touch.Parameters[1].Value = messages.Count;
        _touch.Parameters[2].Value = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var n = (long)_touch.ExecuteScalar()! - messages.Count;
        foreach (var message in messages)
        {
            _insert.Parameters[0].Value = session;
            _insert.Parameters[1].Value = n++;
            _insert.Parameters[2].Value = JsonSerializer.Serialize(message, Json);
            _insert.ExecuteNonQuery();
        }
    }

    public void Dispose()
    {
        _window.Dispose();
        _touch.Dispose();
        _insert.Dispose();
        _connection.Dispose();
    }

    // The texts are constants of this class.
    private SqliteCommand Command(string text, params string[] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        foreach (var name in parameters) command.Parameters.Add(new SqliteParameter { ParameterName = name });
        if (parameters.Length > 0) command.Prepare();
        return command;
    }
}
