using Xunit;

namespace PluginHost.Sdk.Testing.Frameworks;

/// <summary>The line of docs/plugins.md for xunit 3; that for xunit 2 is in tests/Testing.Tests.</summary>
public sealed class ConformanceTests
{
    private static readonly ConformanceSuite Suite = ConformanceSuite.Create("quiet", _ => new Quiet());

    public static IEnumerable<object[]> Cases => Suite.Cases.Select(name => new object[] { name });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Passes(string name) => Suite.RunAsync(name);
}
