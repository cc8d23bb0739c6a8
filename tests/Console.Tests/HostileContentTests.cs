using System.Text.Json.Nodes;

namespace PluginHost.WebConsole.Tests;

/// <summary>What callers and models write is text on every page, whatever it looks like.</summary>
[Collection(nameof(Site))]
public sealed class HostileContentTests(Site site)
{
    private const string Markup =
        "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"><svg onload=\"document.title='owned'\"></svg>\n\n"
        + "[click](javascript:document.title='owned') ![pixel](https://tracker.example/p.png) <https://example.com/> [data](data:text/html,x)\n\n"
        + "| a |\n|---\n```\nnever closed </pre></textarea></div><b>bold</b>";

    private const string Controls = "red \u001b[31mtext\u001b[0m, spoof \u202Egnp.exe\u202C, bell \u0007, zero \uFEFF";

    [ChromiumFact]
    public async Task Markup_is_shown_as_text_and_loads_nothing()
    {
        await site.RunAsync("assistant", "hostile", Markup);
        await using var visitor = await site.VisitAsync("about:blank");
        var requests = new List<string>();
        visitor.Page.Request += (_, request) => requests.Add(request.Url);
        await visitor.Page.GotoAsync($"{site.Host.Address}/console/sessions/hostile");

        await Assertions.Expect(visitor.Page).ToHaveTitleAsync("Session hostile · PluginHost");
        await visitor.SeeAsync("<script>document.title='owned'</script>");
        Assert.All(requests, r => Assert.StartsWith(site.Host.Address, r, StringComparison.Ordinal));
        Assert.Equal(0, await visitor.Page.Locator(".turns script, .turns img, .turns b, .turns [onerror]").CountAsync());
        var links = await visitor.Page.Locator(".markdown a").EvaluateAllAsync<string[]>("links => links.map(l => new URL(l.href).protocol + l.rel)");
        Assert.NotEmpty(links);
        Assert.All(links, l => Assert.Equal("https:noopener noreferrer", l));
        Assert.Equal("Session hostile · PluginHost", await visitor.Page.TitleAsync());
    }

    [ChromiumFact]
    public async Task Markup_is_text_on_the_page_of_a_run_and_in_what_its_model_was_given()
    {
        var tools = new JsonObject { ["tools"] = new JsonArray(new JsonObject { ["name"] = "weather", ["description"] = Markup }) };
        await site.RunAsync("assistant", "hostile-run", "call weather {\"city\": \"<script>document.title='owned'</script>\"}", options: tools);
        var result = new JsonObject { ["type"] = "function_result", ["call_id"] = await FindCallAsync(), ["result"] = Markup };
        var answer = await site.Api.PostAsync("/v1/sessions/hostile-run/runs", new JsonObject
        {
            ["agent"] = "assistant",
            ["input"] = new JsonArray(new JsonObject { ["role"] = "tool", ["content"] = new JsonArray(result) }),
        });
        await using var visitor = await site.VisitAsync($"/console/sessions/hostile-run/runs/{answer["id"]}");
        await visitor.Page.EvaluateAsync("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })");
        await Assertions.Expect(visitor.Page.Locator("#given")).ToContainTextAsync("<script>document.title='owned'</script>");
        Assert.Equal(0, await visitor.Page.Locator("main script, main img, main b, main [onerror]").CountAsync());
        Assert.StartsWith("Run ", await visitor.Page.TitleAsync(), StringComparison.Ordinal);

        async Task<JsonNode?> FindCallAsync()
        {
            var messages = await site.Api.ListAsync("/v1/sessions/hostile-run/messages");
            return messages.SelectMany(m => m["content"]!.AsArray()).Single(p => (string?)p!["type"] == "function_call")!["call_id"]!.DeepClone();
        }
    }

    [ChromiumFact]
    public async Task Hidden_characters_are_visible_and_reorder_nothing()
    {
        await site.RunAsync("assistant", "controls", Controls);
        await using var visitor = await site.VisitAsync("/console/sessions/controls");

        await visitor.SeeAsync("red ␛[31mtext␛[0m, spoof ⟨U+202E⟩gnp.exe⟨U+202C⟩, bell ␇, zero ⟨U+FEFF⟩");
    }

    [ChromiumFact]
    public async Task A_line_of_a_megabyte_is_folded_with_a_link_to_the_whole()
    {
        var line = new string('x', 500_000) + "<b>" + new string('y', 500_000);
        await site.RunAsync("assistant", "long", line);
        await using var visitor = await site.VisitAsync("/console/sessions/long", width: 360);
        Assert.InRange((await visitor.Page.ContentAsync()).Length, 1, 60_000);
        Assert.True(await visitor.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));

        await visitor.FollowAsync("The whole text");
        Assert.Contains(line, await visitor.Page.Locator("pre.text").InnerTextAsync(), StringComparison.Ordinal);
    }

    [ChromiumFact]
    public async Task Text_of_metadata_tools_and_state_is_text_too()
    {
        var create = new JsonObject
        {
            ["id"] = "labels",
            ["metadata"] = new JsonObject { ["<i>key</i>"] = "</textarea><script>document.title='owned'</script>" },
            ["state"] = new JsonObject { ["memory"] = new JsonObject { ["x"] = "</textarea><script>document.title='owned'</script>" } },
        };
        await site.Api.PostAsync("/v1/sessions", create, System.Net.HttpStatusCode.Created);
        await using var visitor = await site.VisitAsync("/console/sessions/labels");
        await Assertions.Expect(visitor.Page).ToHaveTitleAsync("Session labels · PluginHost");
        Assert.Contains("</textarea><script>", await visitor.Page.GetByLabel("key: value").InputValueAsync(), StringComparison.Ordinal);

        await visitor.Page.GotoAsync("/console/sessions");
        await visitor.SeeAsync("<i>key</i>");
        await Assertions.Expect(visitor.Page).ToHaveTitleAsync("Sessions · PluginHost");
    }
}
