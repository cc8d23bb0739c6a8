using System.Net;
using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd;

[Trait("Form", "Long")]
public sealed class ReloadTests
{
    [Fact]
    public async Task A_reload_applies_the_changed_file_and_keeps_the_sessions()
    {
        using var folder = WorkFolder.Create(Configuration("You are terse."));
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
    public async Task A_reload_of_an_invalid_configuration_keeps_the_old_one_and_reports_all_errors()
    {
        using var folder = WorkFolder.Create(Configuration("You are terse."));
        await using var host = await RunningHost.StartAsync(folder);
        await host.Api.AskAsync("ada", "hello");

        folder.Configure(Configuration("You are kind.", "{ \"Plugin\": \"memry\" }, { \"Plugin\": \"memory\", \"Options\": { \"MaxFacts\": 0 } }"));
        var problem = await host.Api.PostAsync("/v1/reload", expected: HttpStatusCode.UnprocessableEntity);

        Assert.Equal("/problems/configuration-invalid", (string?)problem["type"]);
        Assert.Equal(
            ["Agents:assistant:Chain:1", "Agents:assistant:Chain:2:Options:MaxFacts"],
            problem["errors"]!.AsArray().Select(e => (string?)e!["path"]).Order());
        Assert.Equal("Echo: You are terse. (2 earlier messages)", await host.Api.AskAsync("ada", "show instructions"));
    }

    [Fact]
    public async Task A_reload_whose_plugins_fail_to_start_keeps_the_old_configuration()
    {
        using var folder = WorkFolder.Create(Configuration("You are terse."));
        await using var host = await RunningHost.StartAsync(folder);
        await host.Api.AskAsync("ada", "hello");

        // The plugin needs a folder at this path.
        folder.Write("blocked", "");
        folder.Configure(Configuration("You are kind.").Replace("data/sessions.db", "blocked/sessions.db", StringComparison.Ordinal));
        var problem = await host.Api.PostAsync("/v1/reload", expected: HttpStatusCode.UnprocessableEntity);

        Assert.Contains("blocked", problem["errors"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("Echo: You are terse. (2 earlier messages)", await host.Api.AskAsync("ada", "show instructions"));
        await host.StopAsync();
    }

    [Fact]
    public async Task Reloads_under_load_lose_and_duplicate_no_runs()
    {
        using var folder = WorkFolder.Create(Configuration("You are terse."));
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
            var inputs = (await host.Api.ListMessagesAsync($"s{caller}")).Where(m => m.Role == "user").Select(m => m.Text);
            Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), inputs);
        }

        await host.StopAsync();
    }

    /// <param name="instructions">The agent's instructions.</param>
    /// <param name="more">Chain entries after the history, separated by commas.</param>
    private static string Configuration(string instructions, string more = "")
    {
        var chain = string.Join(", ", new[] { """{ "Plugin": "sqlite-history", "Options": { "Path": "data/sessions.db" } }""", more }.Where(e => e.Length > 0));
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
