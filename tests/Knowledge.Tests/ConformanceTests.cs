using PluginHost.Sdk.Testing.Conformance;

namespace PluginHost.Knowledge.Tests;

/// <summary>The rules of the SDK for plugins in a chain.</summary>
public sealed class ConformanceTests
{
    [Theory]
    [InlineData(KnowledgeMode.Messages)]
    [InlineData(KnowledgeMode.Tool)]
    public async Task It_keeps_the_rules_of_plugins_in_a_chain(KnowledgeMode mode)
    {
        var suite = ConformanceSuite.Create("knowledge", context =>
        {
            Directory.CreateDirectory(context.ResolvePath("documents"));
            File.WriteAllText(Path.Combine(context.ResolvePath("documents"), "a.md"), "# Hello\n\nThe lighthouse says hello, hi and yes.");
            return new KnowledgeProvider(new KnowledgeOptions(["documents"], mode), context);
        });

        Assert.NotEmpty(suite.Cases);
        foreach (var name in suite.Cases) await suite.RunAsync(name);
    }
}
