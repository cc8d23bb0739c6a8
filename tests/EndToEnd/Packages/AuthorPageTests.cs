using System.Net;
using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd.Packages;

/// <summary>The plugins of the pages for authors, built outside the repository and used over HTTP.</summary>
[Collection(PackageCollection.Name)]
public sealed class AuthorPageTests(PackageFeed feed)
{
    [Fact]
    public async Task The_plugin_of_each_page_builds_without_a_warning_and_does_what_the_page_says()
    {
        using var folder = new AuthorFolder(feed);
        var pages = new[] { "context-provider", "run-middleware", "chat-middleware", "function-middleware", "chat-client" }
            .ToDictionary(p => p, AuthorPage.Read);
        await folder.BuildPluginsAsync(pages.Values);
        folder.Work.Configure($$"""
            {
              "PluginFolders": [ "plugins" ],
              "Agents": {
                "weather": { "Chain": [ {{pages["context-provider"].Entry}} ] },
                "budget": { "Chain": [ {{pages["run-middleware"].Entry}} ] },
                "footnote": { "Chain": [ {{pages["chat-middleware"].Entry}} ] },
                "audit": { "Chain": [ {{pages["function-middleware"].Entry}}, { "Plugin": "weather" } ] },
                "reverse": { "Model": {{pages["chat-client"].Entry}} }
              }
            }
            """);
        await using var host = await RunningHost.StartAsync(folder.Work);

        Assert.Equal("Echo: move returned The user is in Paris now. (0 earlier messages)", await AskAsync("weather", """call move {"place": "Paris"}"""));
        Assert.Equal("Paris", (string?)(await host.Api.GetAsync("/v1/sessions/weather"))["state"]!["weather"]!["place"]);
        Assert.Equal("Echo: hi (0", await AskAsync("budget", "hi"));
        var refused = await host.Api.PostAsync(
            "/v1/sessions/budget/runs", new JsonObject { ["agent"] = "budget", ["input"] = "hello, this is a question" }, expected: HttpStatusCode.Forbidden);
        Assert.Contains("Please ask in at most 20 characters.", refused.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("Echo: hi! (0 earlier messages)", await AskAsync("footnote", "hi"));
        Assert.Equal(
            "Echo: move returned The tool move may not be used here. (0 earlier messages)", await AskAsync("audit", """call move {"place": "Paris"}"""));
        Assert.Equal("> cba", await AskAsync("reverse", "abc"));

        async Task<string> AskAsync(string agent, string input) =>
            (string)(await host.Api.PostAsync($"/v1/sessions/{agent}/runs", new JsonObject { ["agent"] = agent, ["input"] = input }))["text"]!;
    }
}
