using PluginHost.Sdk.Testing.Conformance;

namespace MyPlugin.Tests;

public sealed class MyPluginTests
{
    private static readonly ConformanceSuite Suite =
        ConformanceSuite.Create("my-plugin", context => new MyPluginStore(new MyPluginOptions(), context));

    public static TheoryData<string> Rules => [.. Suite.Cases];

    [Theory]
    [MemberData(nameof(Rules))]
    public Task The_store_keeps_the_rule(string rule) => Suite.RunAsync(rule);
}
