using PluginHost.Sdk.Testing.Conformance;

namespace PluginHost.Sdk.Testing.Tests;

public sealed class ConformanceTests
{
    private static readonly Dictionary<string, ConformanceSuite> Suites = new()
    {
        ["clock"] = ConformanceSuite.Create("clock", context => new Clock(context)),
        ["shout"] = ConformanceSuite.Create("shout", _ => new Shout()),
        ["parrot"] = ConformanceSuite.Create("parrot", _ => new Parrot()),
    };

    public static IEnumerable<object[]> Cases => Suites.SelectMany(s => s.Value.Cases.Select(c => new object[] { s.Key, c }));

    [Theory]
    [MemberData(nameof(Cases))]
    public Task A_good_plugin_passes(string plugin, string name) => Suites[plugin].RunAsync(name);

    [Theory]
    [InlineData("throws", "A_run_completes", "continued without it")]
    [InlineData("mixes", "Concurrent_sessions_do_not_see_each_other", "text of other sessions")]
    [InlineData("doubles", "A_streamed_answer_is_the_same_as_an_unstreamed_one", "expected")]
    [InlineData("once", "A_new_instance_works_after_the_old_one_was_disposed", "only once")]
    [InlineData("unready", "An_unknown_session_is_empty", "no disk")]
    public async Task A_broken_rule_is_named(string plugin, string name, string message)
    {
        var suite = ConformanceSuite.Create(plugin, Broken.Create(plugin));

        var broken = await Assert.ThrowsAsync<ConformanceException>(() => suite.RunAsync(name));
        Assert.Contains(message, broken.Message, StringComparison.Ordinal);
    }
}
