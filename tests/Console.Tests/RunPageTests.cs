using System.Net;
using System.Text.Json.Nodes;
using PluginHost.ModelServer;

namespace PluginHost.WebConsole.Tests;

/// <summary>What the page of a run shows of it: while it is open, and of what was sent, seen and stored.</summary>
[Collection(nameof(Site))]
public sealed class RunPageTests(Site site)
{
    private const string Masking = """
        {
          "Agents": { "assistant": { "Chain": [ { "Plugin": "sqlite-history", "Host": { "StoreInputAs": "received" } }, { "Plugin": "redaction" } ] } },
          "Sessions": { "Store": { "Plugin": "sqlite-sessions" } },
          "Explain": { "Store": "session" },
          "Plugins": {
            "sqlite-history": { "Options": { "Path": "data/sessions.db" } },
            "sqlite-sessions": { "Options": { "Path": "data/sessions.db" } }
          }
        }
        """;

    [ChromiumFact]
    public async Task An_error_is_shown_on_the_open_page_of_a_run_that_fails()
    {
        var hold = new Hold();
        await using var model = await FakeModel.StartAsync(new ModelReply { Text = ["Rome is ", "old."], AfterFirstPiece = hold, Error = "The model broke." });
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, ModelVariables.Create(model));
        var run = await host.Api.PostAsync("/v1/sessions/open/runs", new JsonObject { ["input"] = "Tell me of Rome.", ["background"] = true }, HttpStatusCode.Accepted);
        await using var visitor = await site.VisitAsync($"{host.Address}/console/sessions/open/runs/{run["id"]}");
        await Assertions.Expect(visitor.Page.Locator("#facts .mark.running")).ToBeVisibleAsync();

        hold.Release();
        await Assertions.Expect(visitor.Page.Locator("#errors")).ToContainTextAsync("Failed with model_error");
        await Assertions.Expect(visitor.Page.Locator("#errors .command code")).ToHaveTextAsync($"grep {run["id"]}");
        await Assertions.Expect(visitor.Page.Locator("#more")).ToContainTextAsync("Ended");
    }

    [ChromiumFact]
    public async Task What_a_plugin_changed_is_marked_and_what_is_stored_is_known_after_a_restart()
    {
        using var folder = WorkFolder.Create(Masking);
        string path;
        await using (var host = await RunningHost.StartAsync(folder))
        {
            var run = await host.Api.RunAsync("mail", "Write to ada@example.com now.");
            path = $"/console/sessions/mail/runs/{run["id"]}";
            await using var visitor = await site.VisitAsync(host.Address + path);
            await Assertions.Expect(visitor.Page.Locator("#difference")).ToContainTextAsync("redaction changed it. The history stored what the caller sent.");
            await Assertions.Expect(visitor.Page.Locator("#seen-title ~ pre del")).ToHaveTextAsync("ada@example.com");
            await Assertions.Expect(visitor.Page.Locator("#sent-title + pre")).ToHaveTextAsync("Write to ada@example.com now.");
            await host.StopAsync();
        }

        await using var again = await RunningHost.StartAsync(folder);
        await using var later = await site.VisitAsync(again.Address + path);
        await Assertions.Expect(later.Page.Locator("#stored-title ~ pre")).ToHaveTextAsync("Write to ada@example.com now.");
    }
}
