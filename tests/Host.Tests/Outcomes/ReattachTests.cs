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

    private static string Describe((string? Id, string Name, System.Text.Json.JsonElement Data) e) => $"{e.Id} {e.Name}";
}
