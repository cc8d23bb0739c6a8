namespace PluginHost.Sdk.Testing.Frameworks;

/// <summary>The line of docs/plugins.md for MSTest.</summary>
[TestClass]
public sealed class ConformanceTests
{
    private static readonly ConformanceSuite Suite = ConformanceSuite.Create("quiet", _ => new Quiet());

    public static IEnumerable<object[]> Cases => Suite.Cases.Select(name => new object[] { name });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public Task Passes(string name) => Suite.RunAsync(name);
}
