using PluginHost.Architecture.Sources;

namespace PluginHost.Architecture;

/// <summary>The other tests see what the compiler sees.</summary>
public sealed class SolutionTests
{
    [Theory]
    [MemberData(nameof(Projects))]
    public void Every_name_in_the_sources_has_a_meaning(string project)
    {
        var unknown =
            from file in Solution.Find(project).Files
            from node in file.Uses.Unknown
            select $"{file}({node.GetLocation().GetLineSpan().StartLinePosition.Line + 1}): {node}";

        Assert.Empty(unknown);
    }

    [Fact]
    public void A_name_without_a_meaning_is_found()
    {
        var file = Snippet.Engine("A.cs", "class A { int M() => Unknown.Member; }").Files.Single();

        Assert.Equal(["Unknown", "Member"], file.Uses.Unknown.Select(n => n.ToString()));
    }

    public static TheoryData<string> Projects => [.. Solution.Projects.Select(p => p.Name)];
}
