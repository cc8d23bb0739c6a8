using PluginHost.Architecture.Rules;
using PluginHost.Architecture.Sources;

namespace PluginHost.Architecture;

/// <summary>What an author has to read. A type that is added here stays until 2.0.</summary>
public sealed class SdkSurfaceTests
{
    /// <summary>The number of public types. A change that adds one joins or moves another, or says in a decision page why not.</summary>
    private const int Types = 47;

    private static List<string> PublicTypes =>
        [.. SymbolRules.DeclaredTypes(Solution.Sdk).Select(t => t.Symbol)
            .Where(t => t is { DeclaredAccessibility: Accessibility.Public, ContainingType: null })
            .Select(t => t.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)).Distinct().Order(StringComparer.Ordinal)];

    [Fact]
    public void The_main_package_does_not_grow() => Assert.Equal(Types, PublicTypes.Count);

    [Fact]
    public void The_readme_says_of_each_type_who_needs_it()
    {
        var page = Repository.Read("src/Sdk/README.md");

        Assert.Contains($"{Types} types", page, StringComparison.Ordinal);
        Verdict.Check(PublicTypes.Where(t => !page.Contains($"`{t}`", StringComparison.Ordinal)));
    }
}
