using PluginHost.Sdk.Testing.Conformance;

namespace PluginHost.Knowledge.Tests;

/// <summary>The rules of plugins in a chain, in each mode.</summary>
public sealed class ConformanceTests
{
    private static readonly Dictionary<KnowledgeMode, ConformanceSuite> Suites = Enum.GetValues<KnowledgeMode>().ToDictionary(
        m => m, m => ConformanceSuite.Create("knowledge", context => Create(m, context)));

    public static IEnumerable<object[]> Cases => Suites.SelectMany(s => s.Value.Cases.Select(c => new object[] { s.Key, c }));

    [Theory]
    [MemberData(nameof(Cases))]
    public Task Knowledge_keeps_the_rule(KnowledgeMode mode, string name) => Suites[mode].RunAsync(name);

    private static KnowledgeProvider Create(KnowledgeMode mode, PluginContext context)
    {
        Directory.CreateDirectory(context.ResolvePath("documents"));
        File.WriteAllText(Path.Combine(context.ResolvePath("documents"), "a.md"), "# Hello\n\nThe lighthouse says hello, hi and yes.");
        return new KnowledgeProvider(new KnowledgeOptions(["documents"], mode), context);
    }
}
