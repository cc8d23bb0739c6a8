using System.Globalization;
using PluginHost.ModelServer;

namespace PluginHost.Tests.Outcomes;

public sealed class ReattachTests
{
    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_client_attaches_again_at_any_event_and_gets_all_that_follows(string store)
    {
        var hold = new Hold();
        using var setup = new OutcomeSetup(store) { Behind = """{ "Plugin": "misbehaving-tools", "Options": { "Does": "Throws" } }""" };
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(new ModelReply { Text = [], ToolCalls = [new ModelToolCall("c1", "work", "{}"), new ModelToolCall("c2", "fail", "{}")] });
        host.Model.Enqueue(new ModelReply { Text = ["a", "b", "c", "d"], AfterFirstPiece = hold });
        using var first = await host.StreamAsync("s", "hi");
        var run = (await first.NextAsync()).Data.GetProperty("id").GetString()!;
        await hold.Reached;
        var readers = await Task.WhenAll(Enumerable.Range(0, 12).Select(seen => host.AttachAsync("s", run, seen.ToString(CultureInfo.InvariantCulture))));
        hold.Release();

        var all = (await first.RestAsync()).Select(Describe).Prepend("1 run.started").ToList();
        Assert.Equal(
            ["1 run.started", "2 tool.started", "3 tool.started", "4 tool.completed", "5 tool.completed",
             "6 message.delta", "7 message.delta", "8 message.delta", "9 message.delta", "10 run.completed"],
            all);
        for (var seen = 0; seen < readers.Length; seen++)
        {
            Assert.Equal(all.Skip(seen), (await readers[seen].RestAsync()).Select(Describe));
            using var late = await host.AttachAsync("s", run, seen.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(all.Skip(seen), (await late.RestAsync()).Select(Describe));
            readers[seen].Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_client_that_attaches_when_the_events_are_gone_gets_the_last_one_of_the_stored_run(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true };
        string run;
        await using (var first = await OutcomeHost.StartAsync(setup)) run = (await first.RunAsync("s", "hi")).Run("id");

        await using var host = await OutcomeHost.StartAsync(setup);
        using var events = await host.AttachAsync("s", run);

        var last = Assert.Single(await events.RestAsync());
        Assert.Equal(("run.completed", "Echo: hi (0 earlier messages)"), (last.Name, last.Data.GetProperty("text").GetString()));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_client_attaches_at_any_event_after_a_restart_and_gets_all_that_follows_with_the_same_ids(string store)
    {
        using var setup = new OutcomeSetup(store) { Behind = """{ "Plugin": "misbehaving-tools", "Options": { "Does": "Throws" } }""" };
        await using var model = await FakeModel.StartAsync();
        model.Enqueue(new ModelReply { Text = [], ToolCalls = [new ModelToolCall("c1", "work", "{}")] });
        model.Enqueue(new ModelReply { Text = ["a", "b", "c", "d"] });
        model.Enqueue(new ModelReply { Text = ["e", "f", "g"] });
        List<string> all;
        string run, response, id;
        await using (var host = await OutcomeHost.StartAsync(setup, model))
        {
            using var first = await host.StreamAsync("s", "hi");
            var events = await first.RestAsync();
            (all, run) = ([.. events.Select(Describe)], events[0].Data.GetProperty("id").GetString()!);
            using var answer = await host.Http.PostAsync(
                new Uri("/v1/responses", UriKind.Relative), JsonContent.Create(new { model = "assistant", input = "hi", stream = true }));
            response = await answer.Content.ReadAsStringAsync();
            id = System.Text.RegularExpressions.Regex.Match(response, "resp_[0-9a-f]+").Value;
        }

        Assert.Contains("7 message.delta", all);
        await using var restarted = await OutcomeHost.StartAsync(setup, model);
        for (var seen = 0; seen <= all.Count; seen++)
        {
            using var late = await restarted.AttachAsync("s", run, seen.ToString(CultureInfo.InvariantCulture));
            Assert.Equal(all.Skip(seen), (await late.RestAsync()).Select(Describe));
        }

        var parts = response.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        for (var seen = 0; seen < parts.Length; seen++)
        {
            var late = await restarted.Http.GetStringAsync(new Uri($"/v1/responses/{id}?stream=true&starting_after={seen}", UriKind.Relative));
            Assert.Equal(parts.Skip(seen + 1), late.Split("\n\n", StringSplitOptions.RemoveEmptyEntries));
        }
    }

    private static string Describe((string? Id, string Name, System.Text.Json.JsonElement Data) e) => $"{e.Id} {e.Name}";
}
