using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using PluginHost.Shared.Sqlite;

namespace PluginHost.Knowledge.Search;

/// <summary>
/// Counts the passages of some scopes that have a word, because a search must not rank every passage that has "the". Keeps the counts until the
/// index has changed much. Thread-safe.
/// </summary>
internal sealed class WordCounts
{
    /// <summary>How many passages a search may rank.</summary>
    public const int MaxRanked = 2_000;

    /// <summary>Above this, a word counts as one that is everywhere.</summary>
    private const int MaxCounted = 10_000;

    private const int MaxKept = 100_000;
    private const int SmallIndex = 20;
    private const int MaxTogether = 4;

    private volatile ConcurrentDictionary<(string Scopes, string Word), long> _counts = new();

    /// <summary>Forgets all counts.</summary>
    public void Reset() => _counts = new();

    /// <summary>Chooses the words that tell passages apart, rarest first, as long as they are in few enough passages.</summary>
    /// <param name="connection">The index.</param>
    /// <param name="scopes">The scopes that are searched.</param>
    /// <param name="words">The words of a text.</param>
    /// <returns>The words; or, when there are only words that are everywhere, queries to try in this order until one finds something.</returns>
    public (IReadOnlyList<string> Words, IReadOnlyList<string> Otherwise) Choose(SqliteConnection connection, ScopeFilter scopes, IReadOnlyList<string> words)
    {
        var counts = _counts;
        var total = Find(counts, scopes, "", () => Count(connection, "SELECT count(*) FROM chunks WHERE scope IN (SELECT value FROM json_each($1))", $"[{scopes.Ids}]"));
        var counted = words.Select(word => (Word: word, Count: Find(counts, scopes, word, () => Count(
            connection, $"SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH $1 LIMIT {MaxCounted + 1})", scopes.Limit(QueryWords.ToQuery([word]))))));
        var ranked = counted.Where(w => w.Count > 0).OrderBy(w => w.Count).ToList();
        var (chosen, sum) = (new List<string>(), 0L);
        foreach (var (word, count) in ranked)
        {
            var isEverywhere = total >= SmallIndex && count > Math.Min(total / 2, MaxCounted);
            if (isEverywhere || (chosen.Count > 0 && sum + count > MaxRanked)) break;
            chosen.Add(word);
            sum += count;
        }

        // Words that are everywhere, such as a product's name, still say something together, or in a heading.
        return (chosen, chosen.Count > 0 ? [] : ranked.Count switch
        {
            0 => [],
            1 => [QueryWords.ToHeadingQuery(ranked[0].Word)],
            _ => [QueryWords.ToQueryOfAll(ranked.Take(MaxTogether).Select(w => w.Word)), QueryWords.ToHeadingQuery(ranked[0].Word)],
        });
    }

    private static long Find(ConcurrentDictionary<(string Scopes, string Word), long> counts, ScopeFilter scopes, string word, Func<long> count)
    {
        if (counts.TryGetValue((scopes.Ids, word), out var known)) return known;
        var counted = count();
        // A word that is nowhere costs next to nothing to count, and the next document may have it.
        if (counted == 0) return 0;
        if (counts.Count >= MaxKept) counts.Clear();
        counts[(scopes.Ids, word)] = counted;
        return counted;
    }

    private static long Count(SqliteConnection connection, string sql, params ReadOnlySpan<object?> values) =>
        (long)connection.PrepareOnce(sql, values).ExecuteScalar()!;
}
