using System.Net;
using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd;

public sealed class ReloadTests
{
    [Fact]
    public async Task A_reload_serves_what_the_file_says_now_and_sessions_go_on()
    {
        using var folder = WorkFolder.Configured(Configuration("You are terse."));
        await using var host = await RunningHost.StartAsync(folder);
        Assert.Equal("Echo: You are terse. (0 earlier messages)", await host.Api.AskAsync("ada", "show instructions"));

        folder.Configure(Configuration("You are kind.", "{ \"Plugin\": \"memory\" }"));
        var answer = await host.Api.PostAsync("/v1/reload");

        Assert.Equal(["assistant"], answer["agents"]!.AsArray().Select(a => (string)a!));
        Assert.Equal("Echo: You are kind. (2 earlier messages)", await host.Api.AskAsync("ada", "show instructions"));
        Assert.Equal("Echo: tools: remember, forget (4 earlier messages)", await host.Api.AskAsync("ada", "show tools"));
        await host.StopAsync();
    }

    [Fact]
    public async Task A_reload_of_a_wrong_configuration_keeps_the_old_one_and_tells_everything_that_is_wrong()
    {
        using var folder = WorkFolder.Configured(Configuration("You are terse."));
        await using var host = await RunningHost.StartAsync(folder);
        await host.Api.AskAsync("ada", "hello");

        folder.Configure(Configuration("You are kind.", "{ \"Plugin\": \"memry\" }, { \"Plugin\": \"memory\", \"MaxFacts\": 0 }"));
        var problem = await host.Api.PostAsync("/v1/reload", expected: HttpStatusCode.UnprocessableEntity);

        Assert.Equal("/problems/configuration-invalid", (string?)problem["type"]);
        Assert.Equal(
            ["Agents:assistant:Chain:1", "Agents:assistant:Chain:2:MaxFacts"],
            problem["errors"]!.AsArray().Select(e => (string?)e!["path"]).Order());
        Assert.Equal("Echo: You are terse. (2 earlier messages)", await host.Api.AskAsync("ada", "show instructions"));
    }

    [Fact]
    public async Task A_reload_whose_plugins_do_not_start_keeps_the_old_ones()
    {
        using var folder = WorkFolder.Configured(Configuration("You are terse."));
        await using var host = await RunningHost.StartAsync(folder);
        await host.Api.AskAsync("ada", "hello");

        // A file stands where the plugin needs a folder.
        folder.Write("blocked", "");
        folder.Configure(Configuration("You are kind.").Replace("data/sessions.db", "blocked/sessions.db", StringComparison.Ordinal));
        var problem = await host.Api.PostAsync("/v1/reload", expected: HttpStatusCode.UnprocessableEntity);

        Assert.Contains("blocked", problem["errors"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("Echo: You are terse. (2 earlier messages)", await host.Api.AskAsync("ada", "show instructions"));
        await host.StopAsync();
    }

    [Fact]
    public async Task Reloads_under_load_lose_and_double_nothing()
    {
        using var folder = WorkFolder.Configured(Configuration("You are terse."));
        await using var host = await RunningHost.StartAsync(folder);
        var load = Enumerable.Range(0, 8).Select(async caller =>
        {
            for (var i = 0; i < 20; i++)
                Assert.StartsWith($"Echo: {i} ({2 * i} ", await host.Api.AskAsync($"s{caller}", $"{i}"), StringComparison.Ordinal);
        }).ToList();
        for (var i = 0; i < 5; i++) await host.Api.PostAsync("/v1/reload");
        await Task.WhenAll(load);

        for (var caller = 0; caller < 8; caller++)
        {
            var inputs = (await host.Api.MessagesAsync($"s{caller}")).Where(m => m.Role == "user").Select(m => m.Text);
            Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), inputs);
        }

        await host.StopAsync();
    }

    /// <param name="instructions">The agent's.</param>
    /// <param name="more">Entries of the chain after the history, with commas between.</param>
    private static string Configuration(string instructions, string more = "")
    {
        var chain = string.Join(", ", new[] { """{ "Plugin": "sqlite-history", "Path": "data/sessions.db" }""", more }.Where(e => e.Length > 0));
        return new JsonObject
        {
            ["Agents"] = new JsonObject
            {
                ["assistant"] = new JsonObject
                {
                    ["Instructions"] = instructions,
                    ["Chain"] = JsonNode.Parse($"[ {chain} ]"),
                },
            },
            ["Sessions"] = new JsonObject { ["Store"] = new JsonObject { ["Plugin"] = "sqlite-sessions", ["Path"] = "data/sessions.db" } },
        }.ToJsonString();
    }
}
