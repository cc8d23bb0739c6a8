using PluginHost.ModelServer;

namespace PluginHost.WebConsole.Tests;

/// <summary>Messages for a run in progress, written on the page of its session.</summary>
[Collection(nameof(Site))]
public sealed class SteeringTests(Site site)
{
    [ChromiumFact]
    public async Task A_message_that_is_added_to_a_run_in_progress_is_in_its_answer()
    {
        var hold = new Hold();
        await using var model = await FakeModel.StartAsync(
            new ModelReply { Text = ["Rome is best in ", "spring."], AfterFirstPiece = hold }, new ModelReply { Text = ["In October it is quiet."] });
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder, ModelVariables.Create(model));
        await using var visitor = await site.VisitAsync($"{host.Address}/console/new");
        var input = visitor.Page.GetByLabel("Message", new() { Exact = true });
        await input.FillAsync("When should I go to Rome?");
        await visitor.ClickAsync("Send");
        await Assertions.Expect(visitor.Page.Locator("[data-stream] [data-text]")).ToContainTextAsync("Rome is best in");

        await visitor.Page.GetByLabel("While a run is in progress").SelectOptionAsync("add to it");
        await input.FillAsync("I can only go in October.");
        await visitor.ClickAsync("Send");
        await Assertions.Expect(visitor.Page.Locator(".turn .message.user")).ToContainTextAsync(["When should I go to Rome?", "I can only go in October."]);
        hold.Release();

        await Assertions.Expect(visitor.Page.Locator(".turn > .message")).ToContainTextAsync(
            ["When should I go to Rome?", "Rome is best in spring.", "I can only go in October.", "In October it is quiet."]);
        await Assertions.Expect(visitor.Page.Locator(".turn .mark")).ToHaveTextAsync(["completed"]);
        Assert.Equal("I can only go in October.", (string?)model.Requests[^1].Body["messages"]!.AsArray()[^1]!["content"]);
    }
}
