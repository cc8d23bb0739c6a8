using PluginHost.Architecture.Rules;
using PluginHost.Architecture.Sources;
using PluginHost.Architecture.Tables;

namespace PluginHost.Architecture;

/// <summary>Names, comments and messages are plain English.</summary>
public sealed class DialectTests
{
    /// <summary>Files that list what is not to be said, and so say it.</summary>
    private static readonly string[] Lists = ["tests/Architecture.Tests/Tables/PlainWords.cs", "tests/Architecture.Tests/DialectTests.cs"];

    [Fact]
    public void Names_comments_and_messages_use_plain_words() =>
        Verdict.Check(
            from root in new[] { "src", "plugins", "tests" }
            from file in Repository.CSharpFiles(root)
            let path = $"{root}/{file}"
            where !Lists.Contains(path)
            from finding in Dialect.Find(path, Repository.Read(path))
            select finding);

    [Fact]
    public void The_pages_for_users_use_plain_words()
    {
        string[] folders = ["docs", "docs/plugins", "docs/decisions", "examples", "."];
        Verdict.Check(
            from folder in folders
            from file in Directory.EnumerateFiles(Repository.PathOf(folder), "*.md")
            let path = Path.GetRelativePath(Repository.Root, file).Replace('\\', '/')
            where path != "CHANGELOG.md"
            from finding in DialectOfPages.Find(path, File.ReadAllText(file))
            select finding);
    }

    [Fact]
    public void A_phrase_of_a_page_is_found_over_a_line_break_and_not_in_code() =>
        Assert.Equal(["A.md(5): \"goes on\": continue, continues"], DialectOfPages.Find("A.md", "```\nIt goes on.\n```\n`It goes on`\nIt goes\non."));

    [Theory]
    [MemberData(nameof(Phrases))]
    public void Each_phrase_is_found_in_comments_literals_and_names(string example)
    {
        var (first, second) = (example[..example.LastIndexOf(' ')], example[example.LastIndexOf(' ')..]);
        var name = string.Concat(example.TrimEnd('.').Split(' ').Select(w => char.ToUpperInvariant(w[0]) + w[1..]));

        Assert.Single(Dialect.Find("A.cs", $"// {example}"));
        Assert.Single(Dialect.Find("A.cs", $"/// <summary>\n/// {first}\n/// {second}\n/// </summary>\nclass A;"));
        Assert.Single(Dialect.Find("A.cs", $"class A {{ string S = \"{example}\"; }}"));
        Assert.Single(Dialect.Find("A.cs", $"class A {{ string S = $\"{{1}} {example}\"; }}"));
        Assert.Single(Dialect.Find("A.cs", $"class {name};"));
        Assert.Single(Dialect.Find("A.cs", $"class A {{ void {example.TrimEnd('.').Replace(' ', '_')}() {{ }} }}"));
    }

    [Theory]
    [InlineData("class Abandonable;", "A.cs(1): the name \"Abandonable\": BoundedWait")]
    [InlineData("class Stage { void Miss() { } }", "A.cs(1): the name \"Miss\": OnNotReached")]
    [InlineData("class Any { static Any Of(int i) => new(); }", "A.cs(1): the name \"Of\": From, Create or To")]
    public void An_old_name_is_found(string text, string expected) => Assert.Equal([expected], Dialect.Find("A.cs", text));

    [Fact]
    public void A_phrase_that_a_line_break_divides_is_found() =>
        Assert.Equal(["A.cs(2): \"goes on\": continue, continues"], Dialect.Find("A.cs", "class A { \n// The run goes\n    // on without it.\n }"));

    public static TheoryData<string> Phrases => [.. PlainWords.Phrases.Select(p => p.Example)];
}
