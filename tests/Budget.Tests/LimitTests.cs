using Microsoft.Extensions.Time.Testing;

namespace PluginHost.Budget.Tests;

/// <summary>What limits let through, and how they refuse.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task Tokens_count_as_the_model_reports_them()
    {
        await using var agent = new Agent(Agent.Limit(Measure.Tokens, 150));

        var runs = new[] { await agent.RunAsync(), await agent.RunAsync(), await agent.RunAsync("other") };

        Assert.Equal([RunOutcome.Completed, RunOutcome.Completed, RunOutcome.Failed], runs.Select(r => r.Outcome));
        Assert.Equal("run_refused", runs[2].ErrorType);
        Assert.Contains("The budget of 150 tokens per tenant is used up.", runs[2].ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(2, agent.Model.Calls);
    }

    [Fact]
    public async Task A_budget_begins_anew_with_its_window()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 30, 23, 30, 0, TimeSpan.Zero));
        await using var agent = new Agent(Agent.Limit(Measure.ModelCalls, 1, window: Window.Month), clock: clock);

        await agent.RunAsync();
        var refused = await agent.RunAsync();
        clock.Advance(TimeSpan.FromMinutes(31));
        var next = await agent.RunAsync();

        Assert.Contains("It begins anew at 2026-12-01T00:00:00Z.", refused.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(RunOutcome.Completed, next.Outcome);
    }

    [Fact]
    public async Task Each_session_has_a_budget()
    {
        await using var agent = new Agent(Agent.Limit(Measure.ModelCalls, 1, Scope.Session));

        await agent.RunAsync("one");
        var second = await agent.RunAsync("one");
        var other = await agent.RunAsync("two");

        Assert.Equal((RunOutcome.Failed, RunOutcome.Completed), (second.Outcome, other.Outcome));
    }

    [Fact]
    public async Task A_deleted_session_leaves_no_counter()
    {
        await using var agent = new Agent(Agent.Limit(Measure.ModelCalls, 1, Scope.Session));
        await agent.RunAsync("one");

        var removed = await agent.DeleteSessionAsync("one");
        var again = await agent.RunAsync("one");

        Assert.Equal(1, removed["budget"]);
        Assert.Equal(RunOutcome.Completed, again.Outcome);
    }

    [Fact]
    public async Task A_loop_of_tool_calls_ends_at_the_limit()
    {
        var called = 0;
        await using var agent = new Agent(
            Agent.Limit(Measure.ToolCalls, 3, Scope.Run), new PricedModel { Tool = "act" }, others: new ToolProvider(() => called++));

        var run = await agent.RunAsync();

        Assert.Equal("run_refused", run.ErrorType);
        Assert.Contains("3 tool calls per run", run.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(3, called);
    }

    [Fact]
    public async Task A_loop_of_model_calls_ends_at_the_limit()
    {
        await using var agent = new Agent(
            Agent.Limit(Measure.ModelCalls, 4, Scope.Run), new PricedModel { Tool = "act" }, others: new ToolProvider(() => { }));

        var run = await agent.RunAsync();

        Assert.Equal("run_refused", run.ErrorType);
        Assert.Equal(4, agent.Model.Calls);
    }

    [Fact]
    public async Task A_call_that_fails_before_its_first_word_costs_no_tokens()
    {
        await using var agent = new Agent(Agent.Limit(Measure.Tokens, 50), new PricedModel { Failure = new HttpRequestException("down") });

        await agent.RunAsync();
        agent.Model.Failure = null;
        var next = await agent.RunAsync();

        Assert.Equal(RunOutcome.Completed, next.Outcome);
    }

    [Fact]
    public async Task A_model_that_reports_nothing_is_charged_by_estimate()
    {
        await using var agent = new Agent(Agent.Limit(Measure.Tokens, 1000), new PricedModel { Usage = null, Text = new string('a', 3000) });

        await agent.RunAsync();
        var second = await agent.RunAsync();

        Assert.Equal("run_refused", second.ErrorType);
    }

    [Fact]
    public async Task A_warning_comes_once()
    {
        await using var agent = new Agent(new BudgetOptions([new LimitOptions(Measure.Tokens, 1000, Scope.Tenant, WarnAt: 0.15)]));

        for (var i = 0; i < 4; i++) await agent.RunAsync();

        var warning = Assert.Single(agent.Context.Logs);
        Assert.Contains("has used 15 % of a budget of 1,000 tokens per tenant.", warning.Message, StringComparison.Ordinal);
    }

    private sealed class ToolProvider(Action act) : IContextProvider
    {
        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
            new(new ContextContribution { Tools = [AIFunctionFactory.Create(act, "act")] });
    }
}
