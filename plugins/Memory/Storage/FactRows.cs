using System.Globalization;
using Microsoft.Data.Sqlite;
using PluginHost.Memory.Facts;
using PluginHost.Sdk;
using PluginHost.Shared.Sqlite;

namespace PluginHost.Memory.Storage;

/// <summary>The tables of the facts. Not thread-safe: used within a read or a write of the file.</summary>
internal static class FactRows
{
    public const int Version = 1;

    /// <summary>Deleted text is overwritten. In memory, because a temporary file would keep text that is deleted later.</summary>
    public const string Pragmas = "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;";

    public const string Schema =
        """
        CREATE TABLE owners (id INTEGER PRIMARY KEY, scope TEXT NOT NULL, tenant TEXT NOT NULL, name TEXT NOT NULL, entry TEXT NOT NULL,
          next INTEGER NOT NULL, UNIQUE (scope, tenant, name, entry));
        CREATE TABLE facts (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL REFERENCES owners ON DELETE CASCADE, number INTEGER NOT NULL,
          text TEXT NOT NULL, terms TEXT NOT NULL, session TEXT NOT NULL, run TEXT NOT NULL, time INTEGER NOT NULL, UNIQUE (owner, number));
        CREATE TABLE earlier (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL REFERENCES owners ON DELETE CASCADE, fact INTEGER NOT NULL,
          number INTEGER NOT NULL, text TEXT NOT NULL, session TEXT NOT NULL, run TEXT NOT NULL, time INTEGER NOT NULL);
        CREATE INDEX earlier_fact ON earlier (owner, fact);
        CREATE TABLE leftovers (id INTEGER PRIMARY KEY);
        CREATE VIRTUAL TABLE words USING fts5 (terms, content=facts, content_rowid=id, tokenize='porter unicode61 remove_diacritics 2');
        INSERT INTO words (words, rank) VALUES ('secure-delete', 1);
        CREATE TRIGGER facts_added AFTER INSERT ON facts BEGIN
          INSERT INTO words (rowid, terms) VALUES (new.id, new.terms); END;
        CREATE TRIGGER facts_removed AFTER DELETE ON facts BEGIN
          INSERT INTO words (words, rowid, terms) VALUES ('delete', old.id, old.terms); END;
        """;

    public static long? FindOwner(SqliteConnection connection, FactOwner owner)
    {
        var command = connection.PrepareOnce(
            "SELECT id FROM owners WHERE scope = $1 AND tenant = $2 AND name = $3 AND entry = $4",
            owner.Scope.ToString(), owner.Tenant, owner.Name, owner.Entry);
        return command.ExecuteScalar() as long?;
    }

    public static long AddOwner(SqliteConnection connection, FactOwner owner)
    {
        using var command = connection.Prepare(
            "INSERT INTO owners (scope, tenant, name, entry, next) VALUES ($1, $2, $3, $4, 1) RETURNING id",
            owner.Scope.ToString(), owner.Tenant, owner.Name, owner.Entry);
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>The user's owners, of all entries.</summary>
    public static IReadOnlyList<(long Id, string Entry)> OwnersOf(SqliteConnection connection, UserKey user)
    {
        var owners = new List<(long, string)>();
        using var command = connection.Prepare(
            "SELECT id, entry FROM owners WHERE scope = $1 AND tenant = $2 AND name = $3 ORDER BY id", nameof(Scope.User), user.Tenant, user.Name);
        using var rows = command.ExecuteReader();
        while (rows.Read()) owners.Add((rows.GetInt64(0), rows.GetString(1)));
        return owners;
    }

    /// <returns>How many facts the user had.</returns>
    public static int DeleteUser(SqliteConnection connection, UserKey user)
    {
        var removed = 0;
        foreach (var (id, _) in OwnersOf(connection, user))
        {
            removed += connection.Execute("DELETE FROM facts WHERE owner = $1", id);
            connection.Execute("DELETE FROM owners WHERE id = $1", id);
            connection.Execute("INSERT INTO leftovers DEFAULT VALUES");
        }

        return removed;
    }

    /// <summary>The last deletion of which the file may still have bytes; null for none.</summary>
    public static long? FindLeftovers(SqliteConnection connection)
    {
        using var command = connection.Prepare("SELECT max(id) FROM leftovers");
        return command.ExecuteScalar() as long?;
    }

    /// <summary>An owner's facts with what they replaced.</summary>
    public static FactList Read(SqliteConnection connection, long owner)
    {
        var earlier = ReadEarlier(connection, owner);
        var facts = new List<Fact>();
        using var command = connection.Prepare("SELECT number, text, session, run, time FROM facts WHERE owner = $1 ORDER BY number", owner);
        using var rows = command.ExecuteReader();
        while (rows.Read())
            facts.Add(new Fact(rows.GetInt32(0), rows.GetString(1), ReadProvenance(rows, 2), earlier[rows.GetInt32(0)].ToList() is { Count: > 0 } texts ? texts : null));
        return new FactList(ReadNext(connection, owner), facts);
    }

    /// <summary>What a run may see of an owner's facts: not where they were learned, nor what they replaced.</summary>
    public static IReadOnlyList<Fact> ReadShown(SqliteConnection connection, long owner)
    {
        var facts = new List<Fact>();
        using var rows = connection.PrepareOnce("SELECT number, text FROM facts WHERE owner = $1 ORDER BY number", owner).ExecuteReader();
        while (rows.Read()) facts.Add(new Fact(rows.GetInt32(0), rows.GetString(1)));
        return facts;
    }

    /// <summary>Writes what differs between two states of an owner's facts.</summary>
    public static void Write(SqliteConnection connection, long owner, FactList before, FactList after)
    {
        foreach (var fact in before.Except(after)) connection.Execute("DELETE FROM facts WHERE owner = $1 AND number = $2", owner, fact.Id);
        foreach (var fact in after.Except(before)) Add(
            connection, "facts (owner, number, text, terms, session, run, time)", [owner, fact.Id, fact.Text, string.Join(' ', TermsOf(owner, Relevance.WordsOf(fact.Text)))], fact.From);
        connection.Execute("UPDATE owners SET next = $2 WHERE id = $1", owner, after.NextId);
        var had = before.Items.ToDictionary(f => f.Id, f => f.Earlier);
        foreach (var id in had.Keys.Union(after.Items.Select(f => f.Id)))
        {
            var now = after.Find(id)?.Earlier;
            if (ReferenceEquals(now, had.GetValueOrDefault(id))) continue;
            connection.Execute("DELETE FROM earlier WHERE owner = $1 AND fact = $2", owner, id);
            foreach (var text in now ?? [])
                Add(connection, "earlier (owner, fact, number, text, session, run, time)", [owner, id, text.Id, text.Text], text.From);
        }
    }

    /// <summary>The numbers of the facts that share words with a query, the best match first.</summary>
    public static IReadOnlyList<int> Search(SqliteConnection connection, long owner, IReadOnlyCollection<string> words)
    {
        var numbers = new List<int>();
        if (words.Count == 0) return numbers;
        // A word has letters and digits alone, so it cannot end its quotes.
        var query = string.Join(" OR ", TermsOf(owner, words).Select(t => $"\"{t}\""));
        using var rows = connection.PrepareOnce(
            "SELECT f.number FROM words w JOIN facts f ON f.id = w.rowid WHERE words MATCH $1 AND f.owner = $2 ORDER BY bm25(words), f.number DESC", query, owner).ExecuteReader();
        while (rows.Read()) numbers.Add(rows.GetInt32(0));
        return numbers;
    }

    /// <summary>Words that are the owner's alone: bm25 reads all rows that have a word, and must not read those of others.</summary>
    private static IEnumerable<string> TermsOf(long owner, IEnumerable<string> words) => words.Select(w => string.Create(CultureInfo.InvariantCulture, $"{owner}x{w}"));

    private static void Add(SqliteConnection connection, string table, ReadOnlySpan<object?> values, Provenance? from)
    {
        ReadOnlySpan<object?> all = [.. values, from?.Session ?? "", from?.Run ?? "", from?.Time.ToUnixTimeMilliseconds() ?? 0];
        var places = string.Join(", ", Enumerable.Range(1, all.Length).Select(i => $"${i}"));
        connection.Execute($"INSERT INTO {table} VALUES ({places})", all);
    }

    private static ILookup<int, EarlierFact> ReadEarlier(SqliteConnection connection, long owner)
    {
        var earlier = new List<(int Fact, EarlierFact Text)>();
        using var command = connection.Prepare("SELECT fact, number, text, session, run, time FROM earlier WHERE owner = $1 ORDER BY id", owner);
        using var rows = command.ExecuteReader();
        while (rows.Read()) earlier.Add((rows.GetInt32(0), new EarlierFact(rows.GetInt32(1), rows.GetString(2), ReadProvenance(rows, 3))));
        return earlier.ToLookup(e => e.Fact, e => e.Text);
    }

    private static int ReadNext(SqliteConnection connection, long owner)
    {
        using var command = connection.Prepare("SELECT next FROM owners WHERE id = $1", owner);
        return (int)(long)command.ExecuteScalar()!;
    }

    private static Provenance ReadProvenance(SqliteDataReader rows, int column) =>
        new(rows.GetString(column), rows.GetString(column + 1), DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(column + 2)));
}
