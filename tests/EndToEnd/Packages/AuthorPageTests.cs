using System.Net;
using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd.Packages;

/// <summary>The plugins of the pages for authors, built outside the repository and used over HTTP.</summary>
[Collection(PackageCollection.Name)]
[Trait("Form", "Long")]
public sealed class AuthorPageTests(PackageFeed feed)
{
    [Fact]
    public async Task The_plugin_of_each_page_builds_without_a_warning_and_does_what_the_page_says()
    {
        using var folder = new AuthorFolder(feed);
        var pages = new[] { "context-provider", "run-middleware", "chat-middleware", "function-middleware", "chat-client", "user-data" }
            .ToDictionary(p => p, AuthorPage.Read);
        await folder.BuildPluginsAsync(pages.Values);
        folder.Work.Configure($$"""
            {
              "PluginFolders": [ "plugins" ],
              "Agents": {
                "weather": { "Chain": [ {{pages["context-provider"].Entry}} ] },
                "brevity": { "Chain": [ {{pages["run-middleware"].Entry}} ] },
                "footnote": { "Chain": [ {{pages["chat-middleware"].Entry}} ] },
                "audit": { "Chain": [ {{pages["function-middleware"].Entry}}, { "Plugin": "weather" } ] },
                "diet": { "Chain": [ {{pages["user-data"].Entry}} ] },
                "reverse": { "Model": {{pages["chat-client"].Entry}} }
              }
            }
            """);
        await using var host = await RunningHost.StartAsync(folder.Work);

        Assert.Equal("Echo: move returned The user is in Paris now. (0 earlier messages)", await AskAsync("weather", """call move {"place": "Paris"}"""));
        Assert.Equal("Paris", (string?)(await host.Api.GetAsync("/v1/sessions/weather"))["state"]!["weather"]!["place"]);
        Assert.Equal("Echo: hi (0", await AskAsync("brevity", "hi"));
        var refused = await host.Api.PostAsync(
            "/v1/sessions/brevity/runs", new JsonObject { ["agent"] = "brevity", ["input"] = "hello, this is a question" }, expected: HttpStatusCode.Forbidden);
        Assert.Contains("Please ask in at most 20 characters.", refused.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("Echo: hi! (0 earlier messages)", await AskAsync("footnote", "hi"));
        Assert.Equal(
            "Echo: move returned The tool move may not be used here. (0 earlier messages)", await AskAsync("audit", """call move {"place": "Paris"}"""));
        Assert.Equal("> cba", await AskAsync("reverse", "abc"));
        Assert.Equal(
            "Echo: note_diet returned Noted: no nuts. (0 earlier messages)",
            (string?)(await host.Api.PostAsync("/v1/runs", new JsonObject { ["agent"] = "diet", ["user"] = "../x", ["input"] = """call note_diet {"food": "no nuts"}""" }))["text"]);
        Assert.Equal("""[{"plugin":"diet","count":1,"items":["no nuts"]}]""", (await host.Api.GetAsync("/v1/users/..%2Fx"))["kept"]!.ToJsonString());

        async Task<string> AskAsync(string agent, string input) =>
            (string)(await host.Api.PostAsync($"/v1/sessions/{agent}/runs", new JsonObject { ["agent"] = agent, ["input"] = input }))["text"]!;
    }

    [Fact]
    public async Task The_history_and_the_session_store_of_the_pages_keep_the_rules_and_survive_a_kill()
    {
        using var folder = new AuthorFolder(feed);
        var (history, store) = (AuthorPage.Read("history-provider"), AuthorPage.Read("session-store"));
        await folder.BuildPluginsAsync([history, store]);
        foreach (var plugin in new[] { "notes", "ledger" })
        {
            var (code, report, errors) = await RunningHost.RunAsync(folder.Work, ["conform", plugin]);
            Assert.True(code == 0, report + errors);
        }

        folder.Work.Configure($$"""
            {
              "PluginFolders": [ "plugins" ],
              "Agents": { "assistant": { "Chain": [ {{history.Entry}} ] } },
              "Sessions": { "Store": {{store.Entry}} }
            }
            """);
        await using (var host = await RunningHost.StartAsync(folder.Work))
        {
            Assert.Equal("Echo: one (0 earlier messages)", await host.Api.AskAsync("ada", "one"));
            Assert.Equal("Echo: two (2 earlier messages)", await host.Api.AskAsync("ada", "two"));
            await host.KillAsync();
        }

        await using var restarted = await RunningHost.StartAsync(folder.Work);
        Assert.Equal("Echo: three (4 earlier messages)", await restarted.Api.AskAsync("ada", "three"));
        Assert.Single(Directory.GetFiles(folder.Work["data/notes"]));
        Assert.Single(Directory.GetFiles(folder.Work["data/ledger"]));
        Assert.Equal(3, (await restarted.Api.ListRunsAsync("ada")).Count);
        Assert.Equal(6, (await restarted.Api.ListMessagesAsync("ada")).Count);
        using var deleted = await restarted.Api.Http.DeleteAsync(new Uri("/v1/sessions/ada", UriKind.Relative));
        Assert.True(deleted.IsSuccessStatusCode);
        Assert.Empty(Directory.GetFiles(folder.Work["data/notes"]));
        Assert.Empty(Directory.GetFiles(folder.Work["data/ledger"]));
    }

    [Theory]
    [InlineData("history-provider", "Notes", "History")]
    [InlineData("session-store", "Ledger", "Store")]
    public void The_template_has_the_plugin_of_the_page(string page, string name, string kind)
    {
        var template = Path.Combine(BuildOutputs.RepositoryRoot, "templates", "content", "plugin-csharp", "MyPlugin");
        Assert.All(AuthorPage.Read(page).Sources, source => Assert.Equal(
            source.Value.Replace(name, "MyPlugin", StringComparison.Ordinal).Replace(name.ToLowerInvariant(), "my-plugin", StringComparison.Ordinal),
            File.ReadAllText(Path.Combine(template, source.Key.Replace(name, $"MyPlugin{kind}", StringComparison.Ordinal)))));
    }
}
