using System.Diagnostics;
using Microsoft.Data.Sqlite;
using PluginHost.Knowledge.Documents;
using PluginHost.Knowledge.Folders;
using PluginHost.Knowledge.Search;
using PluginHost.Knowledge.Storage;
using Xunit.Abstractions;

namespace PluginHost.Knowledge.Tests;

/// <summary>
/// How long a search takes in a large index. <c>PLUGINHOST_TEST_KNOWLEDGE_CHUNKS</c> sets how many passages it has; docs/plugins/knowledge.md states the
/// figures for 100,000.
/// </summary>
public sealed class SpeedTests(ITestOutputHelper output)
{
    private const int Vocabulary = 30_000;
    private const int WordsInPassage = 180;
    private const int Dimensions = 512;

    private static readonly int Passages = int.Parse(Environment.GetEnvironmentVariable("PLUGINHOST_TEST_KNOWLEDGE_CHUNKS") ?? "5000", null);

    [Fact]
    public async Task A_search_by_full_text_takes_less_than_20_ms()
    {
        // A second pass would remove the passages, because they have no files.
        await using var library = new Library(new KnowledgeOptions(["documents"], Interval: TimeSpan.FromDays(1)));
        library.Write("first.md", "# First\n\nThe lighthouse is white.");
        await library.RefreshAsync();
        var path = Path.Combine(library.Context.DataPath, "knowledge.db");
        var chars = Fill(path);
        var random = new Random(7);
        var times = new List<double>();
        for (var i = 0; i < 300; i++)
        {
            // A question has common words and some rare ones.
            var query = string.Join(' ', Enumerable.Range(0, 12).Select(_ => Word(random)));
            var began = Stopwatch.GetTimestamp();
            var found = await library.FindAsync(query);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            Assert.NotEmpty(found);
        }

        var warm = times.Skip(100).Order().ToList();
        output.WriteLine($"{Passages} passages: median {warm[100]:0.0} ms, 95 % {warm[190]:0.0} ms, worst {warm[^1]:0.0} ms; with new words: 95 % {times.Take(100).Order().ElementAt(95):0.0} ms, the first {times[0]:0.0} ms");
        output.WriteLine($"{chars / 1e6:0} MB of text, {new FileInfo(path).Length / 1e6:0} MB of index");
        Assert.InRange(warm[100], 0, 20);
    }

    [Fact]
    public async Task A_search_by_meaning_takes_time_in_proportion_to_the_passages()
    {
        // A second pass would remove the vectors, because no entry uses their model.
        await using var library = new Library(new KnowledgeOptions(["documents"], Interval: TimeSpan.FromDays(1)));
        await library.RefreshAsync();
        var path = Path.Combine(library.Context.DataPath, "knowledge.db");
        var random = new Random(5);
        long scope, model;
        using (var database = new IndexDatabase(path))
        {
            (scope, model) = (Assert.Single(database.ListScopes()).Id, database.UseModel("m", DateTimeOffset.UnixEpoch));
            for (var i = 0; i < Passages; i += 1000)
                database.SaveVectors(scope, model, [.. Enumerable.Range(i, 1000).Select(c => ((long)c, Enumerable.Range(0, Dimensions).Select(_ => random.NextSingle() - 0.5f).ToArray()))]);
        }

        using var connection = IndexDatabase.Open(path, SqliteOpenMode.ReadOnly);
        var query = Enumerable.Range(0, Dimensions).Select(_ => random.NextSingle() - 0.5f).ToArray();
        var times = new List<double>();
        for (var i = 0; i < 11; i++)
        {
            var began = Stopwatch.GetTimestamp();
            Assert.Equal(50, VectorScan.Find(connection, "m", new ScopeFilter([scope]), query, 50, default).Count);
            times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        output.WriteLine($"{Passages} vectors of {Dimensions} numbers: median {times.Order().ElementAt(5):0} ms");
        Assert.InRange(times.Order().ElementAt(5), 0, Passages / 50);
    }

    [Fact]
    public async Task A_look_at_unchanged_documents_reads_none_of_them()
    {
        await using var library = new Library();
        for (var i = 0; i < Passages / 10; i++) library.Write($"{i % 100}/{i}.md", $"# Note {i}\n\nThe number{i} is written here.");
        var began = Stopwatch.GetTimestamp();
        await library.RefreshAsync();
        var first = Stopwatch.GetElapsedTime(began);
        // Of the same size and time, so that only reading it shows the change.
        var time = File.GetLastWriteTimeUtc(library.PathOf("0/0.md"));
        library.Write("0/0.md", "# Note 0\n\nThe changed is written here.");
        File.SetLastWriteTimeUtc(library.PathOf("0/0.md"), time);
        began = Stopwatch.GetTimestamp();
        await library.RefreshAsync();
        var second = Stopwatch.GetElapsedTime(began);

        output.WriteLine($"{Passages / 10} documents: indexed in {first.TotalSeconds:0.0} s, looked at again in {second.TotalMilliseconds:0} ms");
        Assert.Equal(Passages / 10, library["indexed"]);
        Assert.True(second < first);
    }

    /// <summary>Passages whose words are as frequent as those of a language: the n-th word 1/n as often as the first.</summary>
    /// <returns>How many characters they have.</returns>
    private static long Fill(string path)
    {
        using var database = new IndexDatabase(path);
        var scope = Assert.Single(database.ListScopes()).Id;
        var (random, chars) = (new Random(11), 0L);
        for (var i = 0; i < Passages / 10; i++)
        {
            var chunks = Enumerable.Range(0, 10).Select(c => new Chunk($"Document {i}", null, string.Join(' ', Enumerable.Range(0, WordsInPassage).Select(_ => Word(random))))).ToList();
            chars += chunks.Sum(c => c.Text.Length);
            database.Save(scope, new FoundFile($"{i}.md", "", 1, 1), [1], chunks);
        }

        return chars;
    }

    private static string Word(Random random) => $"w{(int)Math.Pow(Vocabulary, random.NextDouble())}";
}
