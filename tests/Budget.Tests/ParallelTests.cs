namespace PluginHost.Budget.Tests;

/// <summary>Many runs at the same time.</summary>
public sealed class ParallelTests
{
    [Fact]
    public async Task Two_hundred_runs_exceed_a_small_budget_by_at_most_one_call()
    {
        var usage = new UsageDetails { InputTokenCount = 100, OutputTokenCount = 900, TotalTokenCount = 1000 };
        var options = Agent.Limit(Measure.Tokens, 10_500) with { ReservedOutputTokens = 2000 };
        await using var agent = new Agent(options, new PricedModel { Usage = usage });

        var runs = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => agent.RunAsync($"s{i}"))));

        Assert.Equal(11, runs.Count(r => r.Outcome == RunOutcome.Completed));
        Assert.Equal(11, agent.Model.Calls);
        Assert.All(runs.Where(r => r.Outcome != RunOutcome.Completed), r => Assert.Contains("is used up", r.ErrorMessage, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Calls_are_never_more_than_their_limit()
    {
        await using var agent = new Agent(Agent.Limit(Measure.ModelCalls, 7));

        var runs = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() => agent.RunAsync($"s{i}"))));

        Assert.Equal(7, agent.Model.Calls);
        Assert.Equal(7, runs.Count(r => r.Outcome == RunOutcome.Completed));
    }

    [Fact]
    public async Task A_call_that_waits_too_long_for_a_reserve_is_refused_for_now()
    {
        var gate = new TaskCompletionSource();
        var options = Agent.Limit(Measure.Tokens, 1000) with { Wait = TimeSpan.Zero };
        await using var agent = new Agent(options, new PricedModel { Gate = gate.Task });
        var first = agent.RunAsync("one");
        while (agent.Model.Calls == 0 && !first.IsCompleted) await Task.Yield();

        var second = await agent.RunAsync("two");
        gate.SetResult();
        await first;
        var third = await agent.RunAsync("two");

        Assert.Contains("Other calls hold the rest of the budget of 1,000 tokens per tenant in reserve.", second.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(RunOutcome.Completed, third.Outcome);
    }

    [Fact]
    public async Task A_cancelled_call_is_charged_its_input()
    {
        await using var agent = new Agent(Agent.Limit(Measure.Tokens, 5), new PricedModel { Gate = new TaskCompletionSource().Task });
        using var stop = new CancellationTokenSource();
        var first = agent.RunAsync("one", cancellationToken: stop.Token);
        while (agent.Model.Calls == 0 && !first.IsCompleted) await Task.Yield();

        await stop.CancelAsync();
        await first;
        agent.Model.Gate = Task.CompletedTask;

        Assert.Equal("run_refused", (await agent.RunAsync("two")).ErrorType);
    }

    [Fact]
    public async Task A_cancelled_run_gives_its_reserve_back()
    {
        var options = Agent.Limit(Measure.Tokens, 1000) with { Wait = TimeSpan.Zero };
        await using var agent = new Agent(options, new PricedModel { Gate = new TaskCompletionSource().Task });
        using var stop = new CancellationTokenSource();
        var first = agent.RunAsync("one", cancellationToken: stop.Token);
        while (agent.Model.Calls == 0 && !first.IsCompleted) await Task.Yield();

        await stop.CancelAsync();
        Assert.Equal(RunOutcome.Cancelled, (await first).Outcome);
        agent.Model.Gate = Task.CompletedTask;

        Assert.Equal(RunOutcome.Completed, (await agent.RunAsync("two")).Outcome);
    }
}
