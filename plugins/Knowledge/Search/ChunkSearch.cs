using System.Globalization;
using Microsoft.Data.Sqlite;
using PluginHost.Knowledge.Storage;
using PluginHost.Shared.Sqlite;

namespace PluginHost.Knowledge.Search;

/// <summary>What is searched for.</summary>
/// <param name="Text">A text of a person or model.</param>
/// <param name="Scopes">Whose passages.</param>
/// <param name="Count">How many passages.</param>
/// <param name="ModelKey">The model of <paramref name="Vector"/> as the index names it.</param>
/// <param name="Vector">The text's vector; null to search by full text alone.</param>
internal sealed record ChunkQuery(string Text, ScopeFilter Scopes, int Count, string? ModelKey = null, float[]? Vector = null);

/// <summary>Searches the index. Thread-safe.</summary>
internal sealed class ChunkSearch(ReaderPool readers, WordCounts counts)
{
    /// <summary>How far down two rankings are joined.</summary>
    private const int MaxCandidates = 50;

    /// <returns>The best passages, best first.</returns>
    public Task<IReadOnlyList<Passage>> FindAsync(ChunkQuery query, CancellationToken cancellationToken) =>
        readers.ReadAsync(reader => Find(reader, query, cancellationToken), cancellationToken);

    private IReadOnlyList<Passage> Find(IndexReader reader, ChunkQuery query, CancellationToken cancellationToken)
    {
        if (query.Scopes.IsEmpty) return [];
        // All statements see the index as it was at the first one.
        return reader.Connection.InTransaction("BEGIN", connection =>
        {
            var words = FindWords(reader, query);
            var ids = query is { ModelKey: { } model, Vector: { } vector }
                ? RankFusion.Fuse(words, VectorScan.Find(connection, model, query.Scopes, vector, MaxCandidates, cancellationToken))
                : words.Select(w => w.Id);
            return Read(connection, query, [.. ids.Take(query.Count)]);
        });
    }

    private List<(long Id, double Score)> FindWords(IndexReader reader, ChunkQuery query)
    {
        var (words, otherwise) = counts.Choose(reader.Connection, query.Scopes, QueryWords.From(query.Text));
        var limit = query.Vector is null ? query.Count : MaxCandidates;
        if (words.Count > 0) return reader.Ranks.IsWholeIndex(query.Scopes) ? reader.Ranks.Find(words, limit) : Rank(reader.Connection, query.Scopes, QueryWords.ToQuery(words), limit);
        foreach (var rest in otherwise)
        {
            if (Rank(reader.Connection, query.Scopes, rest, limit) is { Count: > 0 } found) return found;
        }

        return [];
    }

    private static List<(long Id, double Score)> Rank(SqliteConnection connection, ScopeFilter scopes, string words, int limit)
    {
        // The inner limit bounds the time, whatever the words are.
        using var reader = connection.PrepareOnce(
            $"""
            SELECT id, score FROM (SELECT rowid AS id, bm25(words, 0.0, 2.0, 1.0) AS score FROM words WHERE words MATCH $1 LIMIT {WordCounts.MaxRanked}) ORDER BY score, id LIMIT $2
            """,
            scopes.Limit(words), limit).ExecuteReader();
        var found = new List<(long, double)>();
        while (reader.Read()) found.Add((reader.GetInt64(0), reader.GetDouble(1)));
        return found;
    }

    private static IReadOnlyList<Passage> Read(SqliteConnection connection, ChunkQuery query, IReadOnlyList<long> ids)
    {
        if (ids.Count == 0) return [];
        // A passage's row decides whose it is, whatever the rankings say.
        using var reader = connection.PrepareOnce(
            """
            SELECT c.id, d.path, c.heading, c.page, c.text FROM chunks c JOIN documents d ON d.id = c.document
            WHERE c.id IN (SELECT value FROM json_each($1)) AND c.scope IN (SELECT value FROM json_each($2))
            """,
            $"[{string.Join(',', ids.Select(id => id.ToString(CultureInfo.InvariantCulture)))}]", $"[{query.Scopes.Ids}]").ExecuteReader();
        var passages = new Dictionary<long, Passage>();
        while (reader.Read())
            passages[reader.GetInt64(0)] = new Passage(reader.GetString(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetInt32(3), reader.GetString(4));
        return [.. ids.Where(passages.ContainsKey).Select(id => passages[id])];
    }
}
