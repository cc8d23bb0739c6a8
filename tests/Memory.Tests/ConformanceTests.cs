using PluginHost.Sdk.Testing.Conformance;

namespace PluginHost.Memory.Tests;

/// <summary>The rules of plugins in a chain, in each scope.</summary>
public sealed class ConformanceTests
{
    private static readonly Dictionary<Scope, ConformanceSuite> Suites = Enum.GetValues<Scope>().ToDictionary(
        s => s, s => ConformanceSuite.Create("memory", context => new MemoryProvider(new MemoryOptions(Scope: s), context)));

    public static IEnumerable<object[]> Cases => Suites.SelectMany(s => s.Value.Cases.Select(c => new object[] { s.Key, c }));

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Memory_keeps_the_rule(Scope scope, string name) => Suites[scope].RunAsync(name);
}
