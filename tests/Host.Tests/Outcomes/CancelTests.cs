using System.Text.Json.Nodes;
using PluginHost.ModelServer;

namespace PluginHost.Tests.Outcomes;

public sealed class CancelTests
{
    private readonly Hold _hold = new();

    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_run_cancelled_in_the_middle_is_stored_with_what_it_had_and_the_next_one_sees_it(string store)
    {
        using var setup = new OutcomeSetup(store) { Before = """{ "Plugin": "witness" }""" };
        await using var host = await OutcomeHost.StartAsync(setup);
        var run = await CancelInTheMiddleAsync(host);

        Assert.Equal("cancelled", (await host.GetAsync($"/v1/sessions/s/runs/{run}")).Run("status"));
        Assert.Equal(["user: hi (cancelled)", "assistant: Hello (cancelled)"], await host.StoredAsync("s"));
        Assert.Single(host.Log.Of($"witness saw run {run} end: Cancelled"));
        await host.RunAsync("s", "more");
        Assert.Equal(["user: hi", "assistant: Hello", "user: more"], host.Sent(1));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_lost_connection_cancels_the_run_where_so_configured_and_the_call_of_the_model_with_it(string store)
    {
        using var setup = new OutcomeSetup(store) { Sessions = "\"OnDisconnect\": \"cancel\"" };
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(new ModelReply { AfterFirstPiece = _hold });
        string run;
        using (var events = await host.StreamAsync("s", "hi"))
        {
            run = (await events.NextAsync()).Data.GetProperty("id").GetString()!;
            await events.NextAsync();
            await _hold.Reached;
        }

        Assert.Equal("cancelled", (await host.EndOfAsync("s", run)).GetProperty("status").GetString());
        await _hold.Abandoned;
        Assert.Equal(["user: hi (cancelled)", "assistant: Hello (cancelled)"], await host.StoredAsync("s"));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_lost_connection_leaves_the_run_alone_otherwise_and_it_can_be_fetched(string store)
    {
        using var setup = new OutcomeSetup(store);
        await using var model = await FakeModel.StartAsync(new ModelReply { AfterFirstPiece = _hold });
        string run;
        await using (var host = await OutcomeHost.StartAsync(setup, model))
        {
            using (var events = await host.StreamAsync("s", "hi"))
            {
                run = (await events.NextAsync()).Data.GetProperty("id").GetString()!;
                await _hold.Reached;
            }

            _hold.Release();
            Assert.Equal("completed", (await host.EndOfAsync("s", run)).GetProperty("status").GetString());
        }

        await using var restarted = await OutcomeHost.StartAsync(setup, model);
        Assert.Equal("Hello there", (await restarted.GetAsync($"/v1/sessions/s/runs/{run}")).Run("text"));
        Assert.Equal(["user: hi", "assistant: Hello there"], await restarted.StoredAsync("s"));
    }

    [Theory]
    [InlineData("sqlite", "complete")]
    [InlineData("files", "complete")]
    [InlineData("sqlite", "cancel")]
    [InlineData("files", "cancel")]
    public async Task A_connection_lost_while_the_run_waits_its_turn_counts_like_any_other(string store, string onDisconnect)
    {
        using var setup = new OutcomeSetup(store) { Sessions = $"\"OnDisconnect\": \"{onDisconnect}\"" };
        await using var host = await OutcomeHost.StartAsync(setup);
        host.Model.Enqueue(new ModelReply { AfterFirstPiece = _hold });
        var first = await host.BeginAsync("s", "first");
        await _hold.Reached;
        using var caller = new CancellationTokenSource();
        var waiting = host.StreamAsync("s", "second", cancellationToken: caller.Token);
        var second = (await host.LiveAsync("s", 2)).Single(r => r != first);

        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        if (onDisconnect == "cancel") Assert.Equal("cancelled", (await host.EndOfAsync("s", second)).GetProperty("status").GetString());
        _hold.Release();

        Assert.Equal(onDisconnect == "cancel" ? "cancelled" : "completed", (await host.EndOfAsync("s", second)).GetProperty("status").GetString());
        string[] stored = onDisconnect == "cancel" ? ["user: second (cancelled)"] : ["user: second", "assistant: Hello there"];
        await host.RunAsync("s", "third");
        Assert.Equal(["user: first", "assistant: Hello there", .. stored, "user: third", "assistant: Hello there"], await host.StoredAsync("s"));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_run_cancelled_before_its_turn_ends_at_once_and_is_stored_with_its_input(string store)
    {
        using var setup = new OutcomeSetup(store) { Before = """{ "Plugin": "witness" }""" };
        await using var model = await FakeModel.StartAsync(new ModelReply { AfterFirstPiece = _hold });
        string waiting;
        await using (var host = await OutcomeHost.StartAsync(setup, model))
        {
            var first = await host.BeginAsync("s", "first");
            await _hold.Reached;
            waiting = await host.BeginAsync("s", "second");

            Assert.Equal("cancelled", (await host.CancelAsync("s", waiting)).Run("status"));
            _hold.Release();
            await host.EndOfAsync("s", first);
        }

        await using var restarted = await OutcomeHost.StartAsync(setup, model);
        Assert.Equal("cancelled", (await restarted.GetAsync($"/v1/sessions/s/runs/{waiting}")).Run("status"));
        Assert.Equal(["user: first", "assistant: Hello there", "user: second (cancelled)"], await restarted.StoredAsync("s"));
        Assert.Single(model.Requests);
    }

    [Theory]
    [InlineData("sqlite", "Hello")]
    [InlineData("sqlite", "Hel")]
    [InlineData("sqlite", null)]
    [InlineData("files", "Hello")]
    [InlineData("files", "Hel")]
    [InlineData("files", null)]
    public async Task A_client_that_resends_its_transcript_after_a_cancel_is_known_again_whatever_it_kept_of_the_output(string store, string? kept)
    {
        using var setup = new OutcomeSetup(store);
        await using var host = await OutcomeHost.StartAsync(setup);
        await CancelInTheMiddleAsync(host);
        var transcript = new JsonArray(Message("user", "hi"));
        if (kept is not null) transcript.Add(Message("assistant", kept));

        for (var turn = 0; turn < 3; turn++)
        {
            transcript.Add(Message("user", $"turn {turn}"));
            var answer = await host.RunAsync("s", transcript);
            transcript.Add(Message("assistant", answer.Run("text")));
        }

        Assert.Equal(
            [
                "user: hi (cancelled)", "assistant: Hello (cancelled)",
                .. Enumerable.Range(0, 3).SelectMany(turn => new[] { $"user: turn {turn}", "assistant: Hello there" }),
            ],
            await host.StoredAsync("s"));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_client_that_asks_again_after_a_cancel_and_forgets_the_first_try_is_known_again(string store)
    {
        using var setup = new OutcomeSetup(store);
        await using var host = await OutcomeHost.StartAsync(setup);
        await CancelInTheMiddleAsync(host);
        var transcript = new JsonArray(Message("user", "hi"));
        transcript.Add(Message("assistant", (await host.RunAsync("s", transcript)).Run("text")));
        transcript.Add(Message("user", "more"));

        Assert.Equal("completed", (await host.RunAsync("s", transcript)).Run("status"));

        Assert.Equal(
            ["user: hi (cancelled)", "assistant: Hello (cancelled)", "user: hi", "assistant: Hello there", "user: more", "assistant: Hello there"],
            await host.StoredAsync("s"));
    }

    private async Task<string> CancelInTheMiddleAsync(OutcomeHost host)
    {
        host.Model.Enqueue(new ModelReply { AfterFirstPiece = _hold });
        using var events = await host.StreamAsync("s", "hi");
        var run = (await events.NextAsync()).Data.GetProperty("id").GetString()!;
        Assert.Equal("message.delta", (await events.NextAsync()).Name);
        await _hold.Reached;
        Assert.Equal("cancelled", (await host.CancelAsync("s", run)).Run("status"));
        Assert.Equal("run.cancelled", (await events.RestAsync())[^1].Name);
        await _hold.Abandoned;
        return run;
    }

    private static JsonObject Message(string role, string text) => new() { ["role"] = role, ["content"] = text };
}
