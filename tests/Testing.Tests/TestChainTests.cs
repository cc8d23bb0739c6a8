using Microsoft.Extensions.Time.Testing;

namespace PluginHost.Sdk.Testing.Tests;

public sealed class TestChainTests
{
    [Fact]
    public async Task A_run_shows_what_a_context_provider_did_to_it()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        await using var context = new TestPluginContext("clock") { Clock = time };
        await using var chain = TestChain.Create(new Clock(context));
        chain.Model = ScriptedModel.Call("clock").Say("It is ", "noon.");

        var run = await chain.RunAsync("What time is it?");

        Assert.Equal(("It is noon.", RunOutcome.Completed), (run.Text, run.Outcome));
        Assert.Equal(2, run.Requests.Count);
        Assert.Contains("It is 03:04.", run.Requests[0].Instructions, StringComparison.Ordinal);
        Assert.Contains(run.Requests[0].Tools, t => t.Name == "clock");
        Assert.Equal("noon", run.Requests[1].Messages[^1].Contents.OfType<FunctionResultContent>().Single().Result?.ToString());
        Assert.Equal(["user", "assistant", "tool", "assistant"], run.Stored.Select(m => m.Role.Value));
        Assert.Equal(1, run.State["clock"].GetProperty("runs").GetInt32());
        Assert.Contains(run.Spans, s => s is { Name: "context.provide", Plugin: "clock", ErrorType: null });
        Assert.Contains(run.Spans, s => s is { Name: "execute_tool", Tool: "clock" });
        Assert.Equal(2, run.Spans.Count(s => s.Name == "chat"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_middleware_changes_the_answer_streamed_or_not(bool streamed)
    {
        await using var chain = TestChain.Create(new Shout());
        chain.Model = ScriptedModel.Say("hel", "lo");

        var run = await chain.RunAsync("hi", streamed);

        Assert.Equal("HELLO", run.Text);
        Assert.Equal(streamed ? ["HEL", "LO"] : [], run.Updates.Select(u => u.Text));
    }

    [Fact]
    public async Task Sessions_keep_their_history_and_state_between_runs()
    {
        await using var context = new TestPluginContext("clock");
        await using var chain = TestChain.Create(new Clock(context));

        await chain.RunAsync("one");
        var run = await chain.RunAsync("two");
        var other = await chain.RunAsync("three", session: "other");

        Assert.Equal(["one", "ok", "two"], run.Requests[0].Messages.Select(m => m.Text));
        Assert.Equal(2, run.State["clock"].GetProperty("runs").GetInt32());
        Assert.Equal("three", Assert.Single(other.Requests[0].Messages).Text);
        Assert.True((await chain.DeleteSessionAsync()).Values.Sum() > 0);
    }

    [Fact]
    public async Task A_plugin_that_throws_is_skipped_or_fails_the_run_as_in_a_host()
    {
        await using var context = new TestPluginContext("clock");
        await using var skipping = TestChain.Create(new Clock(context) { Failure = new TimeoutException("too late") });
        await using var failing = TestChain.Create();
        failing.Model = ScriptedModel.Fail();

        var skipped = await skipping.RunAsync("hi");
        var failed = await failing.RunAsync("hi");

        Assert.Equal(["clock"], skipped.Skipped);
        Assert.Equal(("ok", RunOutcome.Completed), (skipped.Text, skipped.Outcome));
        Assert.Contains(skipped.Spans, s => s is { Name: "context.provide", Skipped: true });
        Assert.Equal(RunOutcome.Failed, failed.Outcome);
        Assert.NotNull(failed.ErrorType);
    }

    [Fact]
    public async Task Plugins_are_started_before_the_first_run_and_disposed_with_the_chain()
    {
        await using var context = new TestPluginContext("clock");
        var clock = new Clock(context);
        await using (var chain = TestChain.Create(clock))
        {
            Assert.Empty(clock.Events);
            await chain.RunAsync("hi");
        }

        Assert.Equal(["start", "stop", "dispose"], clock.Events);
    }

    [Fact]
    public async Task A_factory_makes_the_model()
    {
        await using var chain = TestChain.Create(new Parrot());

        Assert.Equal("I am of assistant.", (await chain.RunAsync("hi")).Text);
    }

    [Fact]
    public async Task A_refused_run_says_why()
    {
        await using var chain = TestChain.Create();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => chain.RunAsync([]));
        Assert.StartsWith("The run was refused: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_cannot_be_deleted_says_why()
    {
        await using var chain = TestChain.Create();

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => chain.DeleteSessionAsync("none"));
        Assert.Contains("'none'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_is_resolved_as_in_a_host()
    {
        await using var context = new TestPluginContext("clock");

        Assert.Equal(Path.Combine(context.Folder, "a", "b"), context.ResolvePath("a/b"));
        Assert.Throws<ArgumentException>(() => context.ResolvePath(""));
    }

    [Fact]
    public async Task A_cancelled_run_ends_as_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        await using var chain = TestChain.Create(new Canceller(cancellation));

        Assert.Equal(RunOutcome.Cancelled, (await chain.RunAsync("hi", cancellationToken: cancellation.Token)).Outcome);
    }

    private sealed class Canceller(CancellationTokenSource cancellation) : IRunMiddleware
    {
        public async ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken)
        {
            await cancellation.CancelAsync();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return await next(request, cancellationToken);
        }
    }
}
