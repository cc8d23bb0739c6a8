using PluginHost.Sdk.Testing.Conformance;

namespace PluginHost.Mcp.Tests;

/// <summary>The rules of plugins in a chain, with a server that works and one that is away.</summary>
public sealed class ConformanceTests
{
    private static readonly ConformanceSuite Suite = ConformanceSuite.Create("mcp", context => new McpProvider(
        new McpOptions(new Dictionary<string, McpServerOptions> { ["habits"] = Servers.Stdio(), ["away"] = new(Command: "no-such-program") }), context));

    public static IEnumerable<object[]> Cases => Suite.Cases.Select(name => new object[] { name });

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Mcp_keeps_the_rule(string name) => Suite.RunAsync(name);
}
