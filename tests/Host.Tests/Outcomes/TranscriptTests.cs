using System.Text.Json.Nodes;

namespace PluginHost.Tests.Outcomes;

public sealed class TranscriptTests
{
    private const int Turns = 20;

    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_transcript_that_is_sent_whole_for_twenty_turns_leaves_exactly_what_is_new(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);
        var transcript = new JsonArray();
        var expected = new List<string>();

        for (var turn = 0; turn < Turns; turn++)
        {
            // Always the same words, so that only their place tells what is new.
            transcript.Add(new JsonObject { ["role"] = "user", ["content"] = "and now?" });
            var answer = (await host.RunAsync("s", transcript)).Run("text");
            transcript.Add(new JsonObject { ["role"] = "assistant", ["content"] = answer });
            expected.AddRange(["user: and now?", $"assistant: {answer}"]);
        }

        Assert.Equal(expected, await host.StoredAsync("s"));
        Assert.Equal($"assistant: Echo: and now? ({2 * (Turns - 1)} earlier messages)", expected[^1]);
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task A_fork_from_any_run_has_the_history_up_to_it_and_is_independent(string store)
    {
        using var setup = new OutcomeSetup(store) { Echo = true };
        await using var host = await OutcomeHost.StartAsync(setup);
        var runs = new List<string>();
        for (var turn = 0; turn < 5; turn++) runs.Add((await host.RunAsync("s", $"turn {turn}")).Run("id"));
        var whole = await host.StoredAsync("s");

        for (var turn = 0; turn < runs.Count; turn++)
        {
            var fork = (await host.PostAsync("/v1/sessions/s/fork", new JsonObject { ["run"] = runs[turn] })).Run("id", 201);
            Assert.Equal(whole.Take(2 * (turn + 1)), await host.StoredAsync(fork));
            Assert.Equal($"Echo: on ({2 * (turn + 1)} earlier messages)", (await host.RunAsync(fork, "on")).Run("text"));
            await host.Http.DeleteAsync(new Uri($"/v1/sessions/{fork}", UriKind.Relative));
        }

        Assert.Equal(whole, await host.StoredAsync("s"));
        (await host.PostAsync("/v1/sessions/s/fork", new JsonObject { ["run"] = "no-such-run" })).IsProblem(404, "run-not-found");
    }
}
