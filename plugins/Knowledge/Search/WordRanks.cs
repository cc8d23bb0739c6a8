using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using PluginHost.Shared.Sqlite;

namespace PluginHost.Knowledge.Search;

/// <summary>
/// Ranks the passages that have some words. Keeps the rank of each word until the index changes, because most words of a question were in an earlier one: SQLite
/// takes about a microsecond for the rank of a passage, and bm25 of several words is the sum of those of each. Not thread-safe.
/// </summary>
internal sealed class WordRanks(SqliteConnection connection)
{
    /// <summary>How many ranks are kept, of 16 bytes each.</summary>
    private const int MaxKept = 500_000;

    /// <summary>The memory of a word without its ranks, counted in ranks.</summary>
    private const int WordWeight = 10;

    private readonly Dictionary<string, (long Id, double Score)[]> _ranks = new(StringComparer.Ordinal);
    private readonly Dictionary<long, double> _sums = [];
    private long _version;
    private int _kept;

    /// <summary>Whether the index has passages of these scopes alone. Otherwise a search must not read those of others, and its words are ranked together.</summary>
    public bool IsWholeIndex(ScopeFilter scopes) =>
        (long)connection.PrepareOnce("SELECT EXISTS (SELECT 1 FROM scopes WHERE id NOT IN (SELECT value FROM json_each($1)))", $"[{scopes.Ids}]").ExecuteScalar()! == 0;

    /// <summary>Ranks passages of all scopes. Called in a transaction.</summary>
    /// <returns>The best passages, best first: the lowest score, as bm25 has it.</returns>
    public List<(long Id, double Score)> Find(IReadOnlyList<string> words, int count)
    {
        ForgetOldRanks();
        _sums.Clear();
        foreach (var word in words)
        {
            foreach (var (id, score) in RanksOf(word)) CollectionsMarshal.GetValueRefOrAddDefault(_sums, id, out _) += score;
        }

        var best = new List<(long Id, double Score)>(count + 1);
        foreach (var (id, score) in _sums)
        {
            if (best.Count == count && !IsBefore((id, score), best[^1])) continue;
            var place = best.Count;
            while (place > 0 && IsBefore((id, score), best[place - 1])) place--;
            best.Insert(place, (id, score));
            if (best.Count > count) best.RemoveAt(count);
        }

        return best;
    }

    private static bool IsBefore((long Id, double Score) one, (long Id, double Score) other) =>
        one.Score != other.Score ? one.Score < other.Score : one.Id < other.Id;

    private void ForgetOldRanks()
    {
        // Another number says that another connection has changed the file.
        var version = (long)connection.PrepareOnce("PRAGMA data_version").ExecuteScalar()!;
        if (version == _version) return;
        (_version, _kept) = (version, 0);
        _ranks.Clear();
    }

    private (long Id, double Score)[] RanksOf(string word)
    {
        if (_ranks.TryGetValue(word, out var known)) return known;
        var ranks = new List<(long, double)>();
        // The limit bounds the time, whatever the word is.
        using (var rows = connection.PrepareOnce(
            $"SELECT rowid, bm25(words, 0.0, 2.0, 1.0) FROM words WHERE words MATCH $1 LIMIT {WordCounts.MaxRanked}", QueryWords.ToQuery([word])).ExecuteReader())
        {
            while (rows.Read()) ranks.Add((rows.GetInt64(0), rows.GetDouble(1)));
        }

        if (_kept + ranks.Count + WordWeight > MaxKept)
        {
            _ranks.Clear();
            _kept = 0;
        }

        _kept += ranks.Count + WordWeight;
        return _ranks[word] = [.. ranks];
    }
}
