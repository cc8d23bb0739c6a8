using System.Reflection;
using System.Text.RegularExpressions;
using PluginHost.Engine.Configuration.Binding;
using PluginHost.Engine.Errors;
using PluginHost.Http.Errors;
using PluginHost.ModelClients;

namespace PluginHost.Tests.Docs;

/// <summary>What users read lists what the code does, and nothing else.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Root = RepositoryFiles.Root;

    [Fact]
    public void The_page_of_models_lists_every_option_and_error_of_the_clients_and_no_other()
    {
        var options = ChatClients.OptionTypes.Values.SelectMany(t => OptionRow.From(t)).Select(r => r.Name);
        var errors = typeof(ModelErrorTypes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!);
        var page = Page("docs/models.md");

        Assert.Equal(options.Append("Model").Order(), Rows(page, "option").Select(cells => cells[0]).Order());
        Assert.Equal(errors.Order(), Rows(page, "type").Select(cells => cells[0]).Order());
    }

    [Fact]
    public void The_page_of_the_http_api_lists_every_problem_with_its_status_and_meaning_and_no_other()
    {
        var listed = Rows(Page("docs/http.md"), "/problems/…").ToDictionary(cells => cells[0], cells => (Status: cells[1], Meaning: cells[2]));

        Assert.Equal(ProblemCatalog.Native.Select(t => t.Slug).Order(), listed.Keys.Order());
        Assert.All(ProblemCatalog.Native, type => Assert.Equal(type.Meaning.Trim('`'), listed[type.Slug].Meaning));
        foreach (var type in ProblemCatalog.Native.Where(t => t != ProblemTypes.RunFailed && t != HttpProblemTypes.RequestRefused))
            Assert.Equal($"{ProblemStatuses.Find(new Problem(type, ""))}", listed[type.Slug].Status);
    }

    [Theory]
    [InlineData("docs/reliability.md", "promise", 1)]
    [InlineData("docs/security.md", "threat", 2)]
    public void Every_test_that_a_page_of_promises_names_exists_and_each_row_names_one(string path, string heading, int column)
    {
        var tests = FindTests();
        var page = Page(path);
        var rows = Rows(page, heading).ToList();

        Assert.NotEmpty(rows);
        Assert.All(rows, cells => Assert.Matches(NamedTest(), cells[column]));
        Assert.All(NamedTest().Matches(page), name => Assert.Contains(name.Value, tests));
    }

    [Fact]
    public void Every_link_between_pages_leads_to_a_page_and_a_heading_of_it()
    {
        var pages = new[] { "benchmarks", "deploy", "docs", "examples", "src", "templates", "tests" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.md", SearchOption.AllDirectories))
            .Where(file => !Path.GetRelativePath(Root, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules"))
            .Concat(Directory.GetFiles(Root, "*.md"));
        var broken =
            from page in pages
            from Match link in Link().Matches(ReadProse(page))
            let target = link.Groups[1].Length == 0 ? page : Path.GetFullPath(link.Groups[1].Value, Path.GetDirectoryName(page)!)
            where !Path.Exists(target) || !HasHeading(target, link.Groups[2].Value)
            select $"{Path.GetRelativePath(Root, page)}: {link.Value}";

        Assert.Empty(broken);
    }

    private static bool HasHeading(string page, string anchor) =>
        anchor.Length == 0 || !page.EndsWith(".md", StringComparison.Ordinal) || Heading().Matches(ReadProse(page)).Any(m => ToAnchor(m.Groups[1].Value) == anchor);

    /// <summary>The anchor of a heading, as GitHub makes it.</summary>
    private static string ToAnchor(string heading) =>
        NotInAnchor().Replace(heading.Trim().ToLowerInvariant(), "").Replace(' ', '-');

    /// <summary>A page without its blocks of code, in which a # is a comment.</summary>
    private static string ReadProse(string page) => CodeBlock().Replace(File.ReadAllText(page), "");

    [Fact]
    public void README_names_every_program_without_which_tests_are_skipped()
    {
        var chapter = Page("README.md").Split("\n## Tests\n")[1];
        var programs = Directory.GetFiles(Path.Combine(Root, "tests", "EndToEnd"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => NeededProgram().Matches(File.ReadAllText(file))).Select(m => m.Groups[1].Value).ToHashSet(StringComparer.Ordinal);

        Assert.NotEmpty(programs);
        Assert.All(programs, program => Assert.Contains($"`{program}`", chapter, StringComparison.Ordinal));
    }

    /// <summary>All test classes, and all tests as <c>Class.Test</c>.</summary>
    private static HashSet<string> FindTests() =>
        new[] { "tests", "src/Testing" }.SelectMany(folder => Directory.GetFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories)).Select(File.ReadAllText)
            .SelectMany(text => TestClass().Matches(text).Select(c => c.Groups[1].Value)
                .SelectMany(c => TestMethod().Matches(text).Select(m => $"{c}.{m.Groups[1].Value}")))
            .SelectMany(test => new[] { test, test.Split('.')[0] })
            .ToHashSet(StringComparer.Ordinal);

    internal static string Page(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>The cells of all tables whose first column has a heading.</summary>
    internal static IEnumerable<string[]> Rows(string page, string heading)
    {
        string? current = null;
        foreach (var line in page.Split('\n'))
        {
            string[] cells = line.StartsWith('|') ? [.. line.Trim('|').Split('|').Select(c => c.Trim().Trim('`'))] : [];
            if (cells.Length == 0) current = null;
            else if (current is null) current = cells[0];
            else if (current == heading && !cells[0].StartsWith('-')) yield return cells;
        }
    }

    [GeneratedRegex("""\[ProgramFact\("(\w+)"\)\]""")]
    private static partial Regex NeededProgram();

    [GeneratedRegex(@"class (\w+(?:Tests|Conformance|Checks))\b")]
    private static partial Regex TestClass();

    [GeneratedRegex(@"public (?:async Task|virtual Task|void) (\w+)\(")]
    private static partial Regex TestMethod();

    // A class for all of its tests, or one of them. The dot before a test with its project is none of it.
    [GeneratedRegex(@"\b\w+(?:Tests|Conformance|Checks)\b(?:\.\w+_\w+)?")]
    private static partial Regex NamedTest();

    [GeneratedRegex(@"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#{1,6} (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"^\s*```.*?^\s*```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CodeBlock();
}
