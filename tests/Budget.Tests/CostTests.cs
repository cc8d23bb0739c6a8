using System.Diagnostics;

namespace PluginHost.Budget.Tests;

/// <summary>What calls cost.</summary>
public sealed class CostTests
{
    private static readonly Dictionary<string, PriceOptions> Prices = new()
    {
        ["gpt-5"] = new PriceOptions(1.25m, 10m, DateTimeOffset.UtcNow, CachedInput: 0.125m),
        ["gpt-5-mini"] = new PriceOptions(0.25m, 2m, DateTimeOffset.UtcNow),
    };

    private static BudgetOptions Dollars(decimal max) => new([new LimitOptions(Measure.Money, max, Scope.Tenant)], Prices);

    [Theory]
    [InlineData("gpt-5", 2.25)] // 600,000 at 1.25, 400,000 from the cache at 0.125, 145,000 at 10
    [InlineData("gpt-5-2025-08-07", 2.25)]
    [InlineData("gpt-5-mini-2025-08-07", 0.54)] // 1,000,000 at 0.25, 145,000 at 2
    public async Task A_call_costs_what_its_tokens_cost(string model, double cost)
    {
        var usage = new UsageDetails { InputTokenCount = 1_000_000, CachedInputTokenCount = 400_000, OutputTokenCount = 145_000 };
        await using var agent = new Agent(Dollars(100), new PricedModel { Model = model, Usage = usage });
        double counted = 0;
        using var listener = agent.Listen("pluginhost.budget.cost", value => counted += value);

        await agent.RunAsync();

        Assert.Equal(cost, counted, 6);
    }

    [Fact]
    public async Task Tokens_that_are_written_to_a_cache_have_their_own_price()
    {
        var usage = new UsageDetails { InputTokenCount = 1_000_000, CachedInputTokenCount = 400_000, OutputTokenCount = 145_000, AdditionalCounts = new() { ["cache_write_tokens"] = 300_000 } };
        var prices = new Dictionary<string, PriceOptions> { ["claude"] = new(1.25m, 10m, DateTimeOffset.UtcNow, CachedInput: 0.125m, CacheWrite: 2m) };
        await using var agent = new Agent(new BudgetOptions([new LimitOptions(Measure.Money, 100, Scope.Tenant)], prices), new PricedModel { Model = "claude", Usage = usage });
        double counted = 0;
        using var listener = agent.Listen("pluginhost.budget.cost", value => counted += value);

        await agent.RunAsync();

        // 300,000 at 1.25, 400,000 at 0.125, 300,000 at 2, 145,000 at 10
        Assert.Equal(2.475, counted, 6);
    }

    [Fact]
    public async Task Money_runs_out()
    {
        await using var agent = new Agent(Dollars(0.0015m));

        var runs = new[] { await agent.RunAsync(), await agent.RunAsync(), await agent.RunAsync() };

        Assert.Equal([RunOutcome.Completed, RunOutcome.Completed, RunOutcome.Failed], runs.Select(r => r.Outcome));
        Assert.Contains("The budget of 0.0015 USD per tenant is used up.", runs[2].ErrorMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpt-50")]
    [InlineData("gpt-5-pro")]
    [InlineData("other")]
    public async Task A_model_without_a_price_is_refused_where_money_is_limited(string model)
    {
        await using var agent = new Agent(Dollars(1), new PricedModel { Model = model });
        double refused = 0;
        using var listener = agent.Listen("pluginhost.budget.refusals", value => refused += value);

        var run = await agent.RunAsync();

        Assert.Equal("run_refused", run.ErrorType);
        Assert.Contains($"the model '{model}' has no price", run.ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(0, agent.Model.Calls);
        Assert.Equal(1, refused);
    }

    [Fact]
    public async Task A_usage_beyond_all_bounds_is_charged_and_keeps_no_reserve()
    {
        await using var agent = new Agent(Dollars(1), new PricedModel { Usage = new UsageDetails { InputTokenCount = long.MaxValue, OutputTokenCount = 1 } });

        Assert.Equal(RunOutcome.Completed, (await agent.RunAsync()).Outcome);
        Assert.Contains("is used up", (await agent.RunAsync()).ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_request_of_a_run_without_a_span_has_no_cost()
    {
        using var source = new ActivitySource("requests");
        using var listener = new ActivityListener { ShouldListenTo = s => s == source, Sample = static (ref _) => ActivitySamplingResult.AllData };
        ActivitySource.AddActivityListener(listener);
        await using var agent = new Agent(Dollars(1));
        using var request = source.StartActivity("POST", ActivityKind.Server)!;

        await agent.RunAsync();

        Assert.Empty(request.TagObjects);
    }

    [Fact]
    public async Task The_span_of_the_run_has_the_cost()
    {
        await using var agent = new Agent(Dollars(1));
        using var span = new Activity("middleware").Start();

        await agent.RunAsync();

        Assert.Equal(0.0009125, span.GetTagItem("pluginhost.budget.cost"));
        Assert.Equal("USD", span.GetTagItem("pluginhost.budget.currency"));
        Assert.Equal(100L, span.GetTagItem("pluginhost.budget.tokens"));
    }
}
