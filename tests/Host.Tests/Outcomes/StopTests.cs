using PluginHost.ModelServer;

namespace PluginHost.Tests.Outcomes;

/// <summary>How the host ends, but for the process itself: signal and exit code are in the end-to-end tests.</summary>
public sealed class StopTests
{
    private readonly Hold _hold = new();

    public static TheoryData<string> Stores => OutcomeSetup.Stores;

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Past_the_deadline_a_running_run_is_cancelled_told_and_stored_and_a_background_run_that_waits_is_continued(string store)
    {
        using var setup = new OutcomeSetup(store) { ShutdownTimeout = "0.5s" };
        await using var model = await FakeModel.StartAsync(new ModelReply { AfterFirstPiece = _hold });
        string waiting;
        await using (var host = await OutcomeHost.StartAsync(setup, model))
        {
            using var events = await host.StreamAsync("s", "hi");
            await events.NextAsync();
            await _hold.Reached;
            waiting = await host.BeginAsync("s", "too late");

            var stopping = host.StopAsync();
            Assert.Equal("run.cancelled", (await events.RestAsync())[^1].Name);
            await _hold.Abandoned;
            await stopping;
        }

        await using var restarted = await OutcomeHost.StartAsync(setup, model);
        await restarted.EndOfAsync("s", waiting);
        Assert.Equal(
            ["user: hi (cancelled)", "assistant: Hello (cancelled)", "user: too late", "assistant: Hello there"], await restarted.StoredAsync("s"));
        Assert.Equal("completed", (await restarted.GetAsync($"/v1/sessions/s/runs/{waiting}")).Run("status"));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Within_the_deadline_a_stream_gets_its_last_event_and_new_runs_are_refused(string store)
    {
        using var setup = new OutcomeSetup(store);
        await using var model = await FakeModel.StartAsync(new ModelReply { AfterFirstPiece = _hold });
        await using (var host = await OutcomeHost.StartAsync(setup, model))
        {
            using var events = await host.StreamAsync("s", "hi");
            await events.NextAsync();
            await _hold.Reached;

            var stopping = host.StopAsync();
            var refused = await host.RunAsync("other", "hi");
            refused.IsProblem(503, "shutting-down");
            Assert.True(refused.RetryAfter);
            _hold.Release();
            Assert.Equal("run.completed", (await events.RestAsync())[^1].Name);
            await stopping;
        }

        await using var restarted = await OutcomeHost.StartAsync(setup, model);
        Assert.Equal(["user: hi", "assistant: Hello there"], await restarted.StoredAsync("s"));
    }
}
