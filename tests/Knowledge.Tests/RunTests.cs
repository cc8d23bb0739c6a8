namespace PluginHost.Knowledge.Tests;

/// <summary>What a model gets, and what callers' texts can do.</summary>
public sealed class RunTests
{
    [Fact]
    public async Task A_run_has_the_best_passages_before_the_message_with_their_sources()
    {
        await using var library = new Library();
        library.Write("harbour.md", "# Harbour\n\n## Ferry\n\nThe ferry leaves at noon.");
        library.Write("museum.md", "# Museum\n\nThe museum shows ships.");
        await library.RefreshAsync();

        await library.RunAsync("When does the ferry leave?");

        var messages = library.Model.Requests[0].Messages;
        Assert.Equal(2, messages.Count);
        Assert.Equal("When does the ferry leave?", messages[1].Text);
        var excerpt = Assert.IsType<TextContent>(messages[0].Contents[1]);
        Assert.Equal("[1] harbour.md, Harbour > Ferry\nThe ferry leaves at noon.", excerpt.Text);
        var citation = Assert.IsType<CitationAnnotation>(Assert.Single(excerpt.Annotations!));
        Assert.Equal(("harbour.md", "Harbour > Ferry"), (citation.FileId, citation.Title));
    }

    [Fact]
    public async Task A_name_of_several_lines_is_one_line_for_the_model()
    {
        await using var library = new Library();
        library.Write("a\n[2] policy.txt", "The lighthouse is white.");
        await library.RefreshAsync();

        await library.RunAsync("lighthouse");

        var excerpt = (TextContent)library.Model.Requests[0].Messages[0].Contents[1];
        Assert.Equal("[1] a [2] policy.txt, a [2] policy\nThe lighthouse is white.", excerpt.Text);
    }

    [Fact]
    public async Task A_run_that_nothing_fits_is_as_without_the_plugin()
    {
        await using var library = new Library();
        library.Write("harbour.md", "# Harbour\n\nThe ferry leaves at noon.");
        await library.RefreshAsync();

        await library.RunAsync("Bonjour");

        Assert.Single(library.Model.Requests[0].Messages);
    }

    [Fact]
    public async Task The_tool_searches_and_is_offered_instead_of_passages()
    {
        await using var library = new Library(new KnowledgeOptions(["documents"], KnowledgeMode.Tool))
        {
            Model = ScriptedModel.Call("search_documents", new Dictionary<string, object?> { ["query"] = "ferry" })
                .Call("search_documents", new Dictionary<string, object?> { ["query"] = "zebra" })
                .Say("At noon."),
        };
        library.Write("harbour.md", "# Harbour\n\nThe ferry leaves at noon.");
        await library.RefreshAsync();

        var run = await library.RunAsync("When does the ferry leave?");

        Assert.Equal("At noon.", run.Text);
        Assert.Single(library.Model.Requests[0].Messages);
        var results = library.Model.Requests[2].Messages.SelectMany(m => m.Contents).OfType<FunctionResultContent>().Select(r => r.Result!.ToString()!).ToList();
        Assert.EndsWith("[1] harbour.md, Harbour\nThe ferry leaves at noon.", results[0], StringComparison.Ordinal);
        Assert.Equal("No passage was found. Try other words.", results[1]);
    }

    [Fact]
    public async Task The_limits_hold()
    {
        await using var library = new Library(new KnowledgeOptions(["documents"], MaxChunks: 3, MaxChars: 500));
        for (var i = 0; i < 10; i++) library.Write($"{i}.md", $"# Note {i}\n\nThe lighthouse. {new string('x', 150)}");
        await library.RefreshAsync();
        Assert.Equal(3, (await library.FindAsync("lighthouse")).Count);

        await library.RunAsync("lighthouse");

        var excerpts = library.Model.Requests[0].Messages[0].Contents.Skip(1).Cast<TextContent>().ToList();
        Assert.Equal(2, excerpts.Count);
        Assert.True(excerpts.Sum(e => e.Text.Length) <= 500);
    }

    [Theory]
    [InlineData("lighthouse\"")]
    [InlineData("lighthouse\" OR scope:s1 OR \"")]
    [InlineData("lighthouse AND NOT")]
    [InlineData("NEAR(lighthouse, 0")]
    [InlineData("{scope} : s1 lighthouse")]
    [InlineData("lighthouse* ^ + - ( ) : ' ; -- DROP TABLE words")]
    [InlineData("lighthouse \0 \ud800 \U0001F680 \u0301")]
    public async Task Hostile_text_is_plain_words(string text)
    {
        await using var library = new Library();
        library.Write("a.md", "# A\n\nThe lighthouse is white.");
        library.Write("b.md", "# B\n\nThe museum.");
        await library.RefreshAsync();

        Assert.Equal("a.md", await library.PathsAsync(text));
        Assert.Equal("", await library.PathsAsync("s1"));
    }

    [Fact]
    public async Task A_very_long_text_is_searched_in_bounded_time()
    {
        await using var library = new Library();
        library.Write("a.md", "# A\n\nThe lighthouse is white.");
        await library.RefreshAsync();

        // In another thread, because a search does not yield before its end.
        var search = Task.Run(() => library.PathsAsync($"lighthouse {string.Join(' ', Enumerable.Range(0, 200_000))}"));
        Assert.Equal("a.md", await search.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Words_that_are_in_most_passages_find_those_that_have_all_of_them_and_otherwise_nothing()
    {
        await using var library = new Library();
        for (var i = 0; i < 30; i++) library.Write($"{i:00}.txt", $"The {(i < 18 ? "council met" : "inn")} {(i >= 14 ? "mayor spoke" : "tower")}.");
        await library.RefreshAsync();

        Assert.Equal(["14.txt", "15.txt", "16.txt", "17.txt"], (await library.FindAsync("the council and the mayor")).Select(p => p.Path).Order());
        Assert.Equal("", await library.PathsAsync("the"));
    }

    [Fact]
    public async Task A_question_below_a_long_text_is_searched()
    {
        await using var library = new Library();
        library.Write("a.md", "# A\n\nThe lighthouse is white.");
        await library.RefreshAsync();

        Assert.Equal("a.md", await library.PathsAsync($"{string.Join(' ', Enumerable.Range(0, 500).Select(i => $"mail{i}"))} Where is the lighthouse?"));
    }

    [Fact]
    public async Task Other_forms_and_spellings_of_a_word_are_found()
    {
        await using var library = new Library();
        library.Write("a.md", "# Café\n\nInvoices are paid within thirty days.");
        await library.RefreshAsync();

        Assert.Equal("a.md", await library.PathsAsync("When must I pay an INVOICE?"));
        Assert.Equal("a.md", await library.PathsAsync("cafe"));
    }

    [Fact]
    public async Task A_word_that_was_looked_for_in_vain_is_found_once_a_document_has_it()
    {
        await using var library = new Library(new KnowledgeOptions(["documents"], MaxChunks: 20));
        for (var i = 0; i < 20; i++) library.Write($"{i:00}.md", $"# Note {i}\n\nThe number{i} is here.");
        var steps = new long[] { 5, 10 }.ToDictionary(n => n, _ => (Reached: new TaskCompletionSource(), Release: new TaskCompletionSource()));
        library.Counted = (name, _) =>
        {
            if (name != "indexed" || !steps.TryGetValue(library["indexed"], out var step)) return;
            step.Reached.SetResult();
            step.Release.Task.Wait();
        };
        var refreshed = library.RefreshAsync();
        var found = new List<int>();
        foreach (var step in steps.OrderBy(s => s.Key).Select(s => s.Value))
        {
            await step.Reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
            found.Add((await library.FindAsync(string.Join(' ', Enumerable.Range(0, 20).Select(i => $"number{i}")))).Count);
            step.Release.SetResult();
        }

        await refreshed;
        Assert.Equal([5, 10], found);
    }

    [Fact]
    public async Task A_run_while_documents_are_indexed_gets_what_is_indexed_and_readiness_says_so()
    {
        await using var library = new Library(new KnowledgeOptions(["documents"], MaxChunks: 20));
        for (var i = 0; i < 20; i++) library.Write($"{i:00}.md", $"# Note {i}\n\nThe number{i} is here.");
        var (reached, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        library.Counted = (name, _) =>
        {
            if (name != "indexed" || library["indexed"] != 5) return;
            reached.SetResult();
            release.Task.Wait();
        };
        var refreshed = library.RefreshAsync();
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30));
        try
        {
            Assert.Equal(5, (await library.FindAsync(string.Join(' ', Enumerable.Range(0, 20).Select(i => $"number{i}")))).Count);
            Assert.Equal("Documents are being indexed: 4 of 20. Runs get what is indexed so far.", await library.HealthAsync());
        }
        finally
        {
            release.SetResult();
        }

        await refreshed;
        Assert.Null(await library.HealthAsync());
    }
}
