using PluginHost.Engine.Configuration.Model;
using PluginHost.ModelServer;
using PluginHost.ModelServer.Embeddings;

namespace PluginHost.Tests.Outcomes;

/// <summary>An agent with documents.</summary>
public sealed class KnowledgeTests
{
    [Fact]
    public async Task A_run_has_passages_of_documents_and_a_history_keeps_their_sources()
    {
        using var setup = Create(""" "Folders": ["FOLDER/documents"] """);
        setup.Folder.Write("documents/harbour.md", "# Harbour\n\nThe ferry leaves at noon.");
        await using var host = await OutcomeHost.StartAsync(setup);
        await host.Log.WaitForAsync("is up to date: 1 documents indexed");

        (await host.RunAsync("s", "When does the ferry leave?")).Run("id");

        var sent = string.Join('\n', host.Sent(0));
        Assert.Contains("[1] harbour.md, Harbour\nThe ferry leaves at noon.", sent, StringComparison.Ordinal);
        Assert.EndsWith("user: When does the ferry leave?", sent, StringComparison.Ordinal);
        var snapshot = (await host.GetAsync("/v1/sessions/s/export?messages=true")).Json.GetRawText();
        Assert.Contains("\"fileId\":\"harbour.md\"", snapshot.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(200, (await host.GetAsync("/health/ready")).Status);
    }

    [Fact]
    public async Task The_tool_searches_the_documents_of_the_runs_tenant_alone()
    {
        using var setup = Create(""" "Folders": ["FOLDER/documents/{tenant}"], "Mode": "Tool" """, ApiKey.Create("key-of-acme", "acme", isAdmin: false), ApiKey.Create("key-of-globex", "globex", isAdmin: false));
        setup.Folder.Write("documents/acme/a.md", "# Acme\n\nThe lighthouse is white.");
        setup.Folder.Write("documents/globex/b.md", "# Globex\n\nThe lighthouse is red.");
        await using var host = await OutcomeHost.StartAsync(setup);
        await host.Log.WaitForAsync("2 documents indexed");

        var results = new List<string>();
        foreach (var key in (string[])["key-of-acme", "key-of-globex"])
        {
            host.Http.DefaultRequestHeaders.Authorization = new("Bearer", key);
            host.Model.Enqueue(new ModelReply { Text = [], ToolCalls = [new ModelToolCall("c1", "search_documents", """{"query":"lighthouse"}""")] });
            (await host.RunAsync("s", "What colour is it?")).Run("id");
            results.Add(host.Model.Requests[^1].Body["messages"]!.AsArray().Last(m => (string?)m!["role"] == "tool")!["content"]!.ToJsonString());
        }

        Assert.Contains("white", results[0], StringComparison.Ordinal);
        Assert.DoesNotContain("red", results[0], StringComparison.Ordinal);
        Assert.Contains("red", results[1], StringComparison.Ordinal);
        Assert.DoesNotContain("white", results[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_with_a_server_of_embeddings_finds_by_meaning_and_takes_its_key_from_the_environment()
    {
        await using var server = await EmbeddingServer.StartAsync(key: "sk-0123456789", meanings: ["automobile car"]);
        using var setup = Create($$""" "Folders": ["FOLDER/documents"], "Embeddings": { "Endpoint": "{{server.Endpoint}}", "Model": "m", "ApiKey": { "Environment": "EMBEDDINGS_KEY" } } """);
        setup.Environment["EMBEDDINGS_KEY"] = "sk-0123456789";
        setup.Folder.Write("documents/offer.txt", "An automobile.");
        await using var host = await OutcomeHost.StartAsync(setup);
        await host.Log.WaitForAsync("Embedded 1 passages of ");

        (await host.RunAsync("s", "car")).Run("id");

        Assert.Contains("An automobile.", string.Join('\n', host.Sent(0)), StringComparison.Ordinal);
    }

    private static OutcomeSetup Create(string options, params IReadOnlyList<ApiKey> keys) => new("sqlite")
    {
        HistoryHost = """ "StoreContext": true """,
        Behind = $$"""{ "Plugin": "knowledge", "Options": { {{options}} } }""",
        Keys = keys,
    };
}
