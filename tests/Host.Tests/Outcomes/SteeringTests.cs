using System.Text.Json.Nodes;
using PluginHost.ModelServer;

namespace PluginHost.Tests.Outcomes;

/// <summary>Input for runs in progress, and runs that interrupt others, on the stores that ship.</summary>
public sealed class SteeringTests
{
    private const int Tries = 1000;
    private const string HangingTool = """{ "Plugin": "misbehaving-tools", "Options": { "Does": "NeverReturns" } }""";

    private readonly Hold _hold = new();

    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Input_during_the_models_answer_is_answered_and_kept_with_its_events_over_a_restart(string store)
    {
        using var setup = new OutcomeSetup(store);
        await using var model = await FakeModel.StartAsync(new ModelReply { Text = ["first"], AfterFirstPiece = _hold }, new ModelReply { Text = ["second"] });
        string run;
        IReadOnlyList<string> seen, stored;
        await using (var host = await OutcomeHost.StartAsync(setup, model))
        {
            run = await host.BeginAsync("s", "go");
            await _hold.Reached;
            Assert.Equal(202, (await GiveAsync(host, run, "more")).Status);
            _hold.Release();
            seen = await EventsAsync(host, run);
            stored = await host.StoredAsync("s");
            Assert.Equal(["user: go", "assistant: first", "user: more"], host.Sent(1));
        }

        Assert.Equal(["1 run.started", "2 message.delta", "3 input.added", "4 message.delta", "5 run.completed"], seen);
        Assert.Equal(["user: go", "assistant: first", "user: more", "assistant: second"], stored);
        await using var restarted = await OutcomeHost.StartAsync(setup, model);
        Assert.Equal(seen, await EventsAsync(restarted, run));
        Assert.Equal(stored, await restarted.StoredAsync("s"));
        (await GiveAsync(restarted, run, "late")).IsProblem(409, "run-ended");
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Inputs_at_once_reach_the_model_once_each_in_the_order_in_which_they_are_stored(string store)
    {
        using var setup = new OutcomeSetup(store);
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(new ModelReply { Text = ["first"], AfterFirstPiece = _hold });
        var run = await host.BeginAsync("s", "go");
        await _hold.Reached;

        var given = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => i % 2 == 0
            ? GiveAsync(host, run, $"{i}")
            : host.PostAsync("/v1/sessions/s/runs", new JsonObject { ["input"] = $"{i}", ["busy"] = "steer", ["background"] = true })));
        _hold.Release();
        var ended = await host.EndOfAsync("s", run);

        Assert.All(given, g => Assert.Equal(run, g.Run("id", 202)));
        var sent = host.Sent(1).Skip(2).ToList();
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"user: {i}").Order(), sent.Order());
        Assert.Equal(sent, (await host.StoredAsync("s")).Skip(2).SkipLast(1));
        Assert.Equal(sent, ended.GetProperty("output").EnumerateArray().Skip(1).SkipLast(1).Select(OutcomeText.Describe));
        Assert.Single((await host.GetAsync("/v1/sessions/s/runs")).Json.GetProperty("data").EnumerateArray());
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Input_during_a_tool_that_never_returns_is_stored_when_the_run_is_cancelled(string store)
    {
        using var setup = new OutcomeSetup(store) { Behind = HangingTool };
        await using var host = await OutcomeHost.StartAsync(setup);
        var run = await BeginToolAsync(host);
        Assert.Equal(202, (await GiveAsync(host, run, "more")).Status);

        Assert.Equal("cancelled", (await host.CancelAsync("s", run)).Run("status"));
        (await GiveAsync(host, run, "late")).IsProblem(409, "run-ended");
        Assert.Equal("user: more (cancelled)", (await host.StoredAsync("s"))[^1]);
        await host.RunAsync("s", "next");
        Assert.Equal(["user: more", "user: next"], host.Sent(1).TakeLast(2));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_run_interrupts_one_whose_tool_never_returns_behind_those_that_wait(string store)
    {
        using var setup = new OutcomeSetup(store) { Behind = HangingTool };
        await using var host = await OutcomeHost.StartAsync(setup);
        var first = await BeginToolAsync(host);
        var waiting = await host.BeginAsync("s", "waiting");

        var last = await host.PostAsync("/v1/sessions/s/runs", new JsonObject { ["input"] = "stop", ["busy"] = "interrupt", ["background"] = true });

        // The 202 says that the other run has ended, so that no later process continues it.
        Assert.Equal("cancelled", (await host.GetAsync($"/v1/sessions/s/runs/{first}")).Run("status"));
        Assert.Equal("completed", (await host.EndOfAsync("s", waiting)).GetProperty("status").GetString());
        Assert.Equal("completed", (await host.EndOfAsync("s", last.Run("id", 202))).GetProperty("status").GetString());
        Assert.Equal(
            ["user: go (cancelled)", "assistant: [call c1] (cancelled)", "user: waiting", "assistant: Hello there", "user: stop", "assistant: Hello there"],
            (await host.StoredAsync("s")).Where(m => !m.StartsWith("tool", StringComparison.Ordinal)));
    }

    [Theory]
    [Trait("Form", "Long")]
    [MemberData(nameof(Stores))]
    public async Task Input_at_the_end_of_a_run_is_part_of_it_or_refused_a_thousand_times(string store)
    {
        using var setup = new OutcomeSetup(store);
        await using var host = await OutcomeHost.StartAsync(setup);
        // Long enough to be in progress when the journal has the run.
        const int Pieces = 24;
        host.Model.Default = new ModelReply { Text = [.. Enumerable.Repeat("word ", Pieces)] };
        var taken = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, Tries), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, stop) =>
        {
            var session = $"s{i}";
            using var events = await host.StreamAsync(session, "go", cancellationToken: stop);
            var run = (await events.NextAsync()).Data.GetProperty("id").GetString()!;
            // At any place of the answer: the later the event, the nearer the end.
            for (var n = 0; n < i % (Pieces + 1); n++) await events.NextAsync();
            var given = await GiveAsync(host, run, "more", session);
            var ended = (await events.RestAsync())[^1].Data;

            Assert.True(given.Status is 202 or 409, $"{given.Json}");
            var expected = given.Status == 202 ? 1 : 0;
            var output = ended.GetProperty("output").EnumerateArray().Select(OutcomeText.Describe).ToList();
            Assert.Equal((expected, expected), (output.Count(m => m == "user: more"), (await host.StoredAsync(session)).Count(m => m == "user: more")));
            Assert.StartsWith("assistant", output[^1], StringComparison.Ordinal);
            Interlocked.Add(ref taken, expected);
        });

        Assert.InRange(taken, 1, Tries - 1);
    }

    private static async Task<string> BeginToolAsync(OutcomeHost host)
    {
        host.Model.Enqueue(new ModelReply { Text = [], ToolCalls = [new ModelToolCall("c1", "fail", "{}")] });
        var run = await host.BeginAsync("s", "go");
        using var events = await host.AttachAsync("s", run);
        while ((await events.NextAsync()).Name != "tool.started") ;
        return run;
    }

    private static Task<Answer> GiveAsync(OutcomeHost host, string run, string text, string session = "s") =>
        host.PostAsync($"/v1/sessions/{session}/runs/{run}/input", new JsonObject { ["input"] = text });

    private static async Task<IReadOnlyList<string>> EventsAsync(OutcomeHost host, string run)
    {
        using var events = await host.AttachAsync("s", run);
        return [.. (await events.RestAsync()).Select(e => $"{e.Id} {e.Name}")];
    }
}
