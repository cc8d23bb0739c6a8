using System.Text.RegularExpressions;
using PluginHost.Architecture.Sources;
using PluginHost.Architecture.Tables;

namespace PluginHost.Architecture;

/// <summary>What contributors read of the code is what the code has.</summary>
public sealed partial class ArchitecturePageTests
{
    private static readonly string[] Pages = ["CONTRIBUTING.md", "SECURITY.md", ".github/PULL_REQUEST_TEMPLATE.md", "docs/architecture.md"];

    [Theory]
    [InlineData("Engine")]
    [InlineData("Host")]
    public void The_page_shows_the_table_of_folders(string project) =>
        AssertShows(FolderTable.All.Single(t => t.Project == project).ToMarkdown());

    [Fact]
    public void The_page_shows_the_ranges_of_event_ids() => AssertShows(EventRange.ToMarkdown());

    /// <summary>Paths are written from the repository's root, in code; a part in angle brackets is a reader's to fill in.</summary>
    [Fact]
    public void Every_path_that_a_page_names_exists()
    {
        var missing =
            from page in Pages
            from Match path in PathSpan().Matches(Repository.Read(page))
            where !Path.Exists(Repository.PathOf(path.Groups[1].Value))
            select $"{page}: {path.Groups[1].Value}";

        Verdict.Check(missing);
    }

    [Fact]
    public void The_page_names_every_project_below_src()
    {
        var page = Repository.Read("docs/architecture.md");

        Assert.All(Solution.Projects, p => Assert.Contains($"| `src/{p.Name}` |", page, StringComparison.Ordinal));
    }

    private static void AssertShows(string table) =>
        Assert.True(
            Repository.Read("docs/architecture.md").Contains($"\n\n{table}\n", StringComparison.Ordinal),
            $"docs/architecture.md has to show this table:\n\n{table}\n");

    [GeneratedRegex(@"`((?:src|tests|docs|plugins|scripts|config|deploy|\.ci|\.github)/[\w./-]+)`")]
    private static partial Regex PathSpan();
}
