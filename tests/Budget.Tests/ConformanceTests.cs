using PluginHost.Sdk.Testing.Conformance;

namespace PluginHost.Budget.Tests;

/// <summary>The rules of plugins in a chain.</summary>
public sealed class ConformanceTests
{
    private static readonly ConformanceSuite Suite = ConformanceSuite.Create(
        "budget", context => new BudgetMiddleware(Agent.Limit(Measure.ModelCalls, 1_000_000, Scope.User, Window.Month), context));

    public static IEnumerable<object[]> Cases => Suite.Cases.Select(name => new object[] { name });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Budget_keeps_the_rule(string name) => Suite.RunAsync(name);
}
