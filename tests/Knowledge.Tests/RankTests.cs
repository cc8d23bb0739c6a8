using Microsoft.Data.Sqlite;
using PluginHost.Knowledge.Documents;
using PluginHost.Knowledge.Folders;
using PluginHost.Knowledge.Search;
using PluginHost.Knowledge.Storage;
using PluginHost.Shared.Sqlite;

namespace PluginHost.Knowledge.Tests;

/// <summary>The ranks of words that a reader keeps.</summary>
public sealed class RankTests
{
    [Fact]
    public async Task Words_are_ranked_one_by_one_as_SQLite_ranks_them_together()
    {
        await using var index = new Index();
        var random = new Random(3);
        for (var i = 0; i < 40; i++) index.Save($"{i}.md", string.Join(' ', Enumerable.Range(0, 30).Select(_ => $"w{random.Next(60)}")));
        string[] words = ["w1", "w2", "w3", "w40"];

        var together = index.RankTogether(words);
        for (var i = 0; i < 2; i++) Assert.Equal(together, index.Rank(words));
    }

    [Fact]
    public async Task Ranks_that_are_kept_follow_the_index()
    {
        await using var index = new Index();
        var first = index.Save("a.md", "The lighthouse is white.");
        Assert.Equal([1], index.Rank("lighthouse"));

        index.Save("b.md", "The lighthouse is red.");
        Assert.Equal([1, 2], index.Rank("lighthouse"));

        index.Database.Remove(first);
        Assert.Equal([2], index.Rank("lighthouse"));
    }

    [Fact]
    public async Task Passages_of_other_scopes_are_noticed()
    {
        await using var index = new Index();
        index.Save("a.md", "The lighthouse is white.");
        Assert.True(index.HasScopeAlone());

        index.Database.AddScope("documents", "other", DateTimeOffset.UnixEpoch);
        Assert.False(index.HasScopeAlone());
    }

    /// <summary>An index with one scope, and a reader beside its writer.</summary>
    private sealed class Index : IAsyncDisposable
    {
        private readonly TestPluginContext _context = new("knowledge");
        private readonly IndexReader _reader;
        private readonly long _scope;

        public Index()
        {
            var path = Path.Combine(_context.DataPath, "knowledge.db");
            Database = new IndexDatabase(path);
            _scope = Database.AddScope("documents", "", DateTimeOffset.UnixEpoch);
            _reader = new IndexReader(IndexDatabase.Open(path, SqliteOpenMode.ReadOnly));
        }

        public IndexDatabase Database { get; }

        /// <returns>The id of the document.</returns>
        public long Save(string path, string text)
        {
            Database.Save(_scope, new FoundFile(path, "", 1, 1), [1], [new Chunk("Title", null, text)]);
            return Database.ListDocuments(_scope)[path].Id;
        }

        public IEnumerable<long> Rank(params string[] words) =>
            _reader.Connection.InTransaction("BEGIN", _ => _reader.Ranks.Find(words, 10)).Select(r => r.Id);

        public List<long> RankTogether(string[] words)
        {
            using var command = _reader.Connection.Prepare("SELECT rowid FROM words WHERE words MATCH $1 ORDER BY bm25(words, 0.0, 2.0, 1.0), rowid LIMIT 10", QueryWords.ToQuery(words));
            using var rows = command.ExecuteReader();
            var ids = new List<long>();
            while (rows.Read()) ids.Add(rows.GetInt64(0));
            return ids;
        }

        public bool HasScopeAlone() => _reader.Ranks.IsWholeIndex(new ScopeFilter([_scope]));

        public async ValueTask DisposeAsync()
        {
            _reader.Dispose();
            Database.Dispose();
            await _context.DisposeAsync();
        }
    }
}
