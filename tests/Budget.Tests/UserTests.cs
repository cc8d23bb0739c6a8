namespace PluginHost.Budget.Tests;

/// <summary>What an operator reads and deletes of a user.</summary>
public sealed class UserTests
{
    private static readonly UserKey Ada = new("default", "ada");

    [Fact]
    public async Task What_a_user_has_used_is_read_in_the_units_of_the_limit()
    {
        var options = new BudgetOptions(
            [new LimitOptions(Measure.Tokens, 1000, Scope.User, Window.Day), new LimitOptions(Measure.Money, 1, Scope.User), new LimitOptions(Measure.Tokens, 1000, Scope.Tenant)],
            new Dictionary<string, PriceOptions> { ["gpt-5"] = new(1, 1, DateTimeOffset.UtcNow) });
        await using var agent = new Agent(options);
        await agent.RunAsync(user: "ada");

        var items = await agent.Plugin.ReadUserDataAsync(Ada, default);

        Assert.Equal(["money none 0.0001", "tokens day 100"], items.Select(i => $"{i.GetProperty("measure")} {i.GetProperty("window")} {i.GetProperty("used")}".ToLowerInvariant()).Order());
        Assert.All(items, i => Assert.Equal("budget", i.GetProperty("entry").GetString()));
        Assert.Empty(await agent.Plugin.ReadUserDataAsync(new UserKey("default", "bob"), default));
    }

    [Fact]
    public async Task A_call_that_began_before_the_deletion_does_not_count_for_the_new_budget()
    {
        var gate = new TaskCompletionSource();
        await using var agent = new Agent(Agent.Limit(Measure.ModelCalls, 2, Scope.User), new PricedModel { Gate = gate.Task });
        var before = agent.RunAsync("one", "ada");
        while (agent.Model.Calls < 1 && !before.IsCompleted) await Task.Yield();
        await agent.Plugin.DeleteUserDataAsync(Ada, default);
        var after = agent.RunAsync("two", "ada");
        while (agent.Model.Calls < 2 && !after.IsCompleted) await Task.Yield();

        gate.SetResult();
        await Task.WhenAll(before, after);

        Assert.Equal(1, Assert.Single(await agent.Plugin.ReadUserDataAsync(Ada, default)).GetProperty("used").GetDecimal());
    }

    [Fact]
    public async Task The_budgets_of_a_deleted_user_begin_anew_and_those_of_others_stay()
    {
        await using var agent = new Agent(Agent.Limit(Measure.ModelCalls, 1, Scope.User));
        foreach (var user in new[] { "ada", "bob" })
        {
            await agent.RunAsync(user: user);
            Assert.Equal("run_refused", (await agent.RunAsync(user: user)).ErrorType);
        }

        Assert.Equal(1, await agent.Plugin.DeleteUserDataAsync(Ada, default));

        Assert.Equal(RunOutcome.Completed, (await agent.RunAsync(user: "ada")).Outcome);
        Assert.Equal("run_refused", (await agent.RunAsync(user: "bob")).ErrorType);
        Assert.Single(await agent.Plugin.ReadUserDataAsync(Ada, default));
    }
}
