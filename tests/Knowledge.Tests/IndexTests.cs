using System.Runtime.Versioning;
using Microsoft.Extensions.Time.Testing;

namespace PluginHost.Knowledge.Tests;

/// <summary>The index follows its folders.</summary>
public sealed class IndexTests
{
    [Fact]
    public async Task New_changed_and_removed_documents_are_followed_and_the_others_are_left_alone()
    {
        await using var library = new Library();
        library.Write("harbour.md", "# Harbour\n\nThe ferry leaves at noon.");
        library.Write("deep/er/museum.txt", "The museum shows ships.");
        await library.RefreshAsync();
        Assert.Equal("harbour.md", await library.PathsAsync("ferry"));
        Assert.Equal("deep/er/museum.txt", await library.PathsAsync("museum"));

        library.Write("harbour.md", "# Harbour\n\nThe boat to the island leaves at one.");
        File.Delete(library.PathOf("deep/er/museum.txt"));
        library.Write("market.md", "# Market\n\nFish is sold on Sundays.");
        await library.RefreshAsync();

        Assert.Equal("", await library.PathsAsync("ferry"));
        Assert.Equal("", await library.PathsAsync("museum"));
        Assert.Equal("harbour.md", await library.PathsAsync("boat"));
        Assert.Equal("market.md", await library.PathsAsync("fish"));
        Assert.Equal((4, 1, 2), (library["indexed"], library["removed"], library["pluginhost.knowledge.chunks"]));
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task The_index_is_its_owners_alone()
    {
        await using var library = new Library();
        await library.RefreshAsync();

        foreach (var file in new[] { "knowledge.db", "knowledge.db-wal" })
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(library.Context.DataPath, file)));
    }

    [Fact]
    public async Task A_document_that_was_only_touched_is_not_indexed_again()
    {
        await using var library = new Library();
        library.Write("a.md", "# A\n\nThe lighthouse is white.");
        await library.RefreshAsync();

        File.SetLastWriteTimeUtc(library.PathOf("a.md"), new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await library.RefreshAsync();

        Assert.Equal(1, library["indexed"]);
        Assert.Equal("a.md", await library.PathsAsync("lighthouse"));
    }

    [Fact]
    public async Task A_link_that_leads_in_a_circle_hides_no_document()
    {
        await using var library = new Library();
        File.CreateSymbolicLink(library.PathOf("loop.md"), library.PathOf("loop.md"));
        for (var i = 0; i < 20; i++) library.Write($"{i}.md", $"# Note {i}\n\nThe lighthouse{i}.");
        await library.RefreshAsync();

        Assert.Equal(20, library["indexed"]);
        Assert.Empty(library.Warnings);
    }

    [Fact]
    public async Task The_next_process_has_the_index_at_once_and_indexes_nothing_again()
    {
        await using var first = new Library();
        first.Write("a.md", "# A\n\nThe lighthouse is white.");
        await first.RefreshAsync();
        await using var second = new Library(folder: first.Context.Folder);

        Assert.Equal("a.md", await second.PathsAsync("lighthouse"));
        await second.RefreshAsync();
        Assert.Equal(0, second["indexed"]);
    }

    [Fact]
    public async Task An_index_that_was_interrupted_continues_where_it_was()
    {
        const int Documents = 200;
        var folder = Directory.CreateTempSubdirectory("knowledge-");
        try
        {
            var first = new Library(folder: folder.FullName);
            await using (first)
            {
                for (var i = 0; i < Documents; i++) first.Write($"{i:000}.md", $"# Note {i}\n\nThe number{i} is here.");
                var some = new TaskCompletionSource();
                first.Counted = (name, _) =>
                {
                    if (name == "indexed" && first["indexed"] == 20) some.SetResult();
                };
                _ = first.RefreshAsync();
                await some.Task.WaitAsync(TimeSpan.FromSeconds(30));
            }

            var before = first["indexed"];
            Assert.InRange(before, 20, Documents - 1);
            await using var second = new Library(folder: folder.FullName);
            await second.RefreshAsync();

            Assert.Equal(Documents - before, second["indexed"]);
            Assert.Equal("199.md", await second.PathsAsync("number199"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_folder_is_looked_at_again_at_its_interval()
    {
        await using var library = new Library(new KnowledgeOptions(["documents"], Interval: TimeSpan.FromSeconds(1)));
        await library.RefreshAsync();
        var indexed = new TaskCompletionSource();
        library.Counted = (name, _) =>
        {
            if (name == "indexed") indexed.TrySetResult();
        };

        library.Write("late.md", "# Late\n\nThe lighthouse is white.");

        await indexed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("late.md", await library.PathsAsync("lighthouse"));
    }

    [Fact]
    public async Task A_folder_that_is_missing_keeps_what_was_indexed_and_is_named()
    {
        await using var library = new Library();
        library.Write("a.md", "# A\n\nThe lighthouse is white.");
        await library.RefreshAsync();
        var folder = library.PathOf("");
        Directory.Move(folder, folder.TrimEnd('/') + "-away");

        await library.RefreshAsync();
        Assert.Equal("a.md", await library.PathsAsync("lighthouse"));
        Assert.Contains("The folder 'documents' cannot be read: It does not exist.", await library.HealthAsync(), StringComparison.Ordinal);

        Directory.Move(folder.TrimEnd('/') + "-away", folder);
        await library.RefreshAsync();
        Assert.Null(await library.HealthAsync());
        Assert.Single(library.Warnings);
    }

    [Fact]
    public async Task A_folder_that_no_entry_names_any_more_is_removed_after_a_day()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var first = await CreateBesideOtherAsync(time);
        await using var second = new Library(new KnowledgeOptions(["other"]), first.Context.Folder, time);
        await second.RefreshAsync();
        Assert.Equal(2, second["pluginhost.knowledge.chunks"]);

        await first.Plugin.StopAsync(default);
        time.Advance(TimeSpan.FromDays(1.1));
        await second.RefreshAsync();

        Assert.Equal(1, second["pluginhost.knowledge.chunks"]);
        Assert.Equal("b.md", await second.PathsAsync("harbour"));
    }

    [Fact]
    public async Task A_start_after_days_removes_nothing_of_entries_that_have_not_started_yet()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var first = await CreateBesideOtherAsync(time);
        await first.Plugin.StopAsync(default);
        time.Advance(TimeSpan.FromDays(3));
        await using var second = new Library(new KnowledgeOptions(["other"]), first.Context.Folder, time);

        await second.RefreshAsync();

        Assert.Equal(2, second["pluginhost.knowledge.chunks"]);
    }

    [Fact]
    public async Task Two_entries_share_the_index_and_see_their_folders_alone()
    {
        await using var library = new Library();
        library.Write("a.md", "# A\n\nThe lighthouse is white.");
        await library.RefreshAsync();
        library.Write("../other/b.md", "# B\n\nThe lighthouse is red.");
        await using var context = new TestPluginContext("knowledge", library.Context.Folder, sharedWith: library.Context);
        var other = new KnowledgeProvider(new KnowledgeOptions(["other"]), context);
        await other.StartAsync(default);
        await other.RefreshAsync();

        Assert.Equal("a.md", await library.PathsAsync("lighthouse"));
        Assert.Equal("b.md", Assert.Single(await other.FindAsync("lighthouse", "default", default)).Path);
    }

    /// <summary>An entry that has indexed its folder. Beside it is the folder <c>other</c>, which it does not name.</summary>
    private static async Task<Library> CreateBesideOtherAsync(TimeProvider time)
    {
        var library = new Library(time: time);
        library.Write("a.md", "# A\n\nThe lighthouse is white.");
        library.Write("../other/b.md", "# B\n\nThe harbour is open.");
        await library.RefreshAsync();
        return library;
    }
}
