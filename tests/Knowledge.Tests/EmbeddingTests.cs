using PluginHost.ModelServer.Embeddings;

namespace PluginHost.Knowledge.Tests;

/// <summary>Passages that are found by meaning, on a server with OpenAI's interface.</summary>
public sealed class EmbeddingTests
{
    [Fact]
    public async Task A_passage_without_any_word_of_the_query_is_found_by_its_meaning()
    {
        await using var server = await EmbeddingServer.StartAsync(key: "sk-0123456789", meanings: ["automobile car vehicle", "purchase buy acquire"]);
        await using var library = Create(server, key: "sk-0123456789");
        library.Write("cars.md", "# Offers\n\nAn automobile to acquire.");
        library.Write("food.md", "# Menu\n\nSoup and bread.");
        await library.RefreshAsync();

        Assert.Equal("cars.md", (await library.FindAsync("buy vehicle"))[0].Path);
        Assert.Null(await library.HealthAsync());
        Assert.True(library["pluginhost.knowledge.embedding.tokens"] > 0);
        Assert.All(server.Requests, r => Assert.Equal(("embed-1", 256), ((string?)r["model"], (int?)r["dimensions"])));
    }

    [Fact]
    public async Task Passages_are_sent_in_batches_once_and_each_gets_its_own_vector()
    {
        await using var server = await EmbeddingServer.StartAsync(maxInputs: 10, meanings: [.. Enumerable.Range(0, 25).Select(i => $"token{i} sign{i}")]);
        await using var library = Create(server, batch: 10);
        for (var i = 0; i < 25; i++) library.Write($"{i:00}.txt", $"secret{i} number{i} token{i}");
        await library.RefreshAsync();

        Assert.Equal([10, 10, 5], server.Requests.Select(r => r["input"]!.AsArray().Count));
        // No text has these words, so that the vector alone decides.
        for (var i = 0; i < 25; i++) Assert.Equal($"{i:00}.txt", (await library.FindAsync($"sign{i}"))[0].Path);

        library.Write("07.txt", "changed now");
        await library.RefreshAsync();
        Assert.Equal("changed now", ((string)server.Requests[^1]["input"]!.AsArray().Single()!).Split('\n')[1]);
    }

    [Fact]
    public async Task A_server_that_is_busy_is_asked_again_when_it_says()
    {
        await using var server = await EmbeddingServer.StartAsync();
        server.Fail(429, retryAfter: "1");
        await using var library = Create(server);
        library.Write("a.txt", "lighthouse");
        await library.RefreshAsync();

        Assert.Single(server.Requests);
        Assert.Contains("Retry 1 of 3 in 1 s.", Assert.Single(library.Warnings), StringComparison.Ordinal);
        Assert.Null(await library.HealthAsync());
    }

    [Fact]
    public async Task While_the_server_fails_passages_are_found_by_full_text_and_vectors_come_later()
    {
        await using var server = await EmbeddingServer.StartAsync(meanings: ["automobile car"]);
        server.IsDown = true;
        await using var library = Create(server, retries: 0);
        library.Write("a.txt", "An automobile.");
        await library.RefreshAsync();
        Assert.Equal("a.txt", await library.PathsAsync("automobile"));
        Assert.Equal("", await library.PathsAsync("car"));
        Assert.Contains("Passages cannot be embedded, and are found by full text alone:", await library.HealthAsync(), StringComparison.Ordinal);

        server.IsDown = false;
        await library.RefreshAsync();
        Assert.Null(await library.HealthAsync());
        await using var next = Create(server, folder: library.Context.Folder);
        Assert.Equal("a.txt", await next.PathsAsync("car"));
    }

    [Fact]
    public async Task A_run_does_not_wait_for_a_server_that_hangs()
    {
        await using var server = await EmbeddingServer.StartAsync();
        await using var library = Create(server, queryLimit: TimeSpan.FromMilliseconds(100));
        library.Write("a.txt", "lighthouse");
        await library.RefreshAsync();
        var hold = server.Before = new ModelServer.Hold();

        Assert.Equal("a.txt", await library.PathsAsync("lighthouse").WaitAsync(TimeSpan.FromSeconds(10)));
        await hold.Abandoned;
        // The next runs do not even ask.
        Assert.Equal("a.txt", await library.PathsAsync("lighthouse").WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Contains("Raise Embeddings:QueryTimeout", Assert.Single(library.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_passage_that_the_model_does_not_take_keeps_no_other_from_its_vector()
    {
        await using var server = await EmbeddingServer.StartAsync(maxChars: 300, meanings: ["automobile car"]);
        await using var library = Create(server);
        library.Write("a.txt", "An automobile.");
        library.Write("b.txt", string.Concat(Enumerable.Repeat("long ", 100)));
        library.Write("c.txt", "A lighthouse.");
        await library.RefreshAsync();
        await library.RefreshAsync();

        Assert.Null(await library.HealthAsync());
        Assert.Equal("a.txt", (await library.FindAsync("car"))[0].Path);
        Assert.Equal(2, server.Requests.Sum(r => r["input"]!.AsArray().Count(t => !((string)t!).StartsWith("car", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task An_entry_that_is_taken_out_sends_no_more_passages()
    {
        await using var server = await EmbeddingServer.StartAsync();
        await using var library = Create(server, batch: 1);
        for (var i = 0; i < 5; i++) library.Write($"{i}.txt", $"number{i}");
        library.Counted = (name, _) =>
        {
            if (name == "pluginhost.knowledge.embedding.tokens") library.Plugin.StopAsync(default).AsTask().Wait();
        };
        await library.RefreshAsync();

        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_wrong_key_is_named_and_not_shown()
    {
        await using var server = await EmbeddingServer.StartAsync(key: "sk-right");
        await using var library = Create(server, key: "sk-wrong-key");
        library.Write("a.txt", "lighthouse");
        await library.RefreshAsync();

        Assert.Contains("returned status 401", await library.HealthAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(server.Endpoint.Authority, await library.HealthAsync(), StringComparison.Ordinal);
        Assert.Contains(library.Warnings, w => w.Contains("Check Embeddings:ApiKey.", StringComparison.Ordinal));
        Assert.DoesNotContain(library.Context.Logs, l => l.Message.Contains("sk-wrong-key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_message_that_the_model_does_not_take_keeps_no_other_from_its_vector()
    {
        await using var server = await EmbeddingServer.StartAsync(maxChars: 300, meanings: ["automobile car"]);
        await using var library = Create(server);
        library.Write("a.txt", "An automobile.");
        await library.RefreshAsync();

        Assert.Equal("", await library.PathsAsync(string.Concat(Enumerable.Repeat("long ", 100))));
        Assert.Equal("a.txt", await library.PathsAsync("car"));
    }

    [Fact]
    public async Task A_message_that_llama_cpp_does_not_take_keeps_no_other_from_its_vector()
    {
        await using var server = await EmbeddingServer.StartAsync(meanings: ["automobile car"]);
        await using var library = Create(server);
        library.Write("a.txt", "An automobile.");
        await library.RefreshAsync();
        server.Fail(500, message: "input is too large to process. increase the physical batch size");

        Assert.Equal("", await library.PathsAsync("car"));
        Assert.Equal("a.txt", await library.PathsAsync("car"));
    }

    [Fact]
    public async Task Another_model_makes_the_vectors_anew()
    {
        await using var server = await EmbeddingServer.StartAsync(meanings: ["automobile car"]);
        await using var first = Create(server);
        first.Write("a.txt", "An automobile.");
        await first.RefreshAsync();
        await using var second = Create(server, folder: first.Context.Folder, model: "embed-2");
        await second.RefreshAsync();

        Assert.Equal(["embed-1", "embed-2"], server.Requests.Select(r => (string?)r["model"]));
        Assert.Equal("a.txt", await second.PathsAsync("car"));
    }

    private static Library Create(
        EmbeddingServer server, string? key = null, int batch = 64, int retries = 3, string? folder = null, string model = "embed-1", TimeSpan? queryLimit = null) =>
        new(
            new KnowledgeOptions(
                ["documents"],
                Embeddings: new EmbeddingsOptions(server.Endpoint, model, key is null ? null : new Secret(key), 256, batch, QueryTimeout: queryLimit, MaxRetries: retries)),
            folder);
}
