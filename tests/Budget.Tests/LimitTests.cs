using Microsoft.Extensions.Time.Testing;
using PluginHost.Budget.Ledger;

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

    [Theory]
    [InlineData(Window.Hour, "2026-11-29T23:00:00Z")]
    [InlineData(Window.Day, "2026-11-30T00:00:00Z")]
    [InlineData(Window.Month, "2026-12-01T00:00:00Z")]
    public async Task A_budget_begins_anew_with_its_window(Window window, string end)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 29, 22, 30, 0, TimeSpan.Zero));
        await using var agent = new Agent(Agent.Limit(Measure.ModelCalls, 1, window: window), clock: clock);
        await agent.RunAsync();

        clock.SetUtcNow(DateTimeOffset.Parse(end, System.Globalization.CultureInfo.InvariantCulture).AddSeconds(-1));
        var refused = await agent.RunAsync();
        clock.Advance(TimeSpan.FromSeconds(1));
        var next = await agent.RunAsync();

        Assert.Contains($"It begins anew at {end}.", refused.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(RunOutcome.Completed, next.Outcome);
    }

    [Fact]
    public async Task A_price_of_more_than_a_year_ago_is_named_at_the_start()
    {
        await using var agent = new Agent(new BudgetOptions(
            [new LimitOptions(Measure.Money, 1, Scope.Tenant)], new Dictionary<string, PriceOptions> { ["old"] = new(1, 1, DateTimeOffset.UtcNow.AddYears(-2)), ["new"] = new(1, 1, DateTimeOffset.UtcNow) }));

        await agent.Plugin.StartAsync(default);

        Assert.Contains("The price of the model 'old' is from", Assert.Single(agent.Context.Logs).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Windows_that_begin_at_the_same_time_are_counted_separately()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 12, 1, 0, 30, 0, TimeSpan.Zero));
        var options = new BudgetOptions([new LimitOptions(Measure.ModelCalls, 2, Scope.Tenant, Window.Day), new LimitOptions(Measure.ModelCalls, 10, Scope.Tenant, Window.Month)]);
        await using var agent = new Agent(options, clock: clock);

        var runs = new[] { await agent.RunAsync(), await agent.RunAsync(), await agent.RunAsync() };

        Assert.Equal([RunOutcome.Completed, RunOutcome.Completed, RunOutcome.Failed], runs.Select(r => r.Outcome));
    }

    [Fact]
    public void A_window_that_ended_during_the_wait_can_be_retried_at_once()
    {
        var limit = new Limit(new LimitOptions(Measure.Tokens, 1, Scope.Tenant, Window.Day), "budget", "USD");
        var midnight = new DateTimeOffset(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);
        var key = new CounterKey("budget", Measure.Tokens, Scope.Tenant, Window.Day, "default", "", midnight.AddDays(-1));

        Assert.Equal(TimeSpan.Zero, limit.Refuse(key, midnight.AddSeconds(3)).RetryAfter);
    }

    [Fact]
    public async Task An_agent_has_one_budget_for_all_sessions()
    {
        await using var agent = new Agent(Agent.Limit(Measure.ModelCalls, 1, Scope.Agent, Window.Hour));

        await agent.RunAsync("one");

        Assert.Equal("run_refused", (await agent.RunAsync("two")).ErrorType);
    }

    [Fact]
    public async Task A_small_limit_has_its_warning_too()
    {
        await using var agent = new Agent(new BudgetOptions([new LimitOptions(Measure.ModelCalls, 1, Scope.Tenant, WarnAt: 0.5)]));

        await agent.RunAsync();

        Assert.Contains("The tenant 'default' has used 50 % of a budget of 1 model calls per tenant.", Assert.Single(agent.Context.Logs).Message, StringComparison.Ordinal);
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
        double counted = 0;
        using var listener = agent.Listen("pluginhost.budget.warnings", value => counted += value);

        for (var i = 0; i < 4; i++) await agent.RunAsync();

        Assert.Equal(1, counted);
        var warning = Assert.Single(agent.Context.Logs);
        Assert.Contains("has used 15 % of a budget of 1,000 tokens per tenant.", warning.Message, StringComparison.Ordinal);
    }

    private sealed class ToolProvider(Action act) : IContextProvider
    {
        public ValueTask<ContextContribution> ProvideAsync(RunRequest request, CancellationToken cancellationToken) =>
            new(new ContextContribution { Tools = [AIFunctionFactory.Create(act, "act")] });
    }
}
