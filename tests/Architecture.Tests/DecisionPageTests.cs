using System.Globalization;
using System.Text.RegularExpressions;
using PluginHost.Architecture.Sources;

namespace PluginHost.Architecture;

/// <summary>Decision pages are numbered, dated, and say what would reverse them.</summary>
public sealed partial class DecisionPageTests
{
    private static readonly string[] Sections = ["Context", "Decision", "Consequences", "What would reverse this"];

    private static readonly List<string> Files =
        [.. Directory.GetFiles(Repository.PathOf("docs/decisions"), "*.md").Select(f => Path.GetFileName(f)).Where(f => f != "README.md").Order(StringComparer.Ordinal)];

    [Fact]
    public void Numbers_are_consecutive()
    {
        Assert.NotEmpty(Files);
        Assert.All(Files, f => Assert.Matches(FileName(), f));
        Assert.Equal(Enumerable.Range(1, Files.Count), Files.Select(NumberOf));
    }

    [Fact]
    public void Every_page_has_title_status_date_and_sections() => Verdict.Check(Files.SelectMany(f => Defects(NumberOf(f), Read(f))));

    [Fact]
    public void The_index_lists_every_page_with_status_and_date()
    {
        var index = Repository.Read("docs/decisions/README.md").Split('\n').Where(l => l.StartsWith("| [", StringComparison.Ordinal));
        var rows = Files.Select(f => (File: f, Header: Header().Match(Read(f))))
            .Select(p => $"| [{p.Header.Groups["title"].Value}]({p.File}) | {p.Header.Groups["status"].Value} | {p.Header.Groups["date"].Value} |");

        Assert.Equal(rows, index);
    }

    [Theory]
    [InlineData("# 0002: T\n\n- Status: accepted\n- Date: 2026-11-22\n", "0001 has no header with its number, status and date")]
    [InlineData("# 0001: T\n\n- Status: decided\n- Date: 2026-11-22\n", "0001 has no header with its number, status and date")]
    [InlineData("# 0001: T\n\n- Status: superseded by 0007\n- Date: 2026-13-22\n", "0001 has no date of the calendar")]
    public void A_wrong_header_is_found(string header, string expected) =>
        Assert.Equal([expected], Defects(1, header + string.Concat(Sections.Select(s => $"\n## {s}\n\nText.\n"))));

    [Fact]
    public void A_missing_section_is_found() =>
        Assert.Equal(
            ["0001 needs the sections Context, Decision, Consequences, What would reverse this"],
            Defects(1, "# 0001: T\n\n- Status: proposed\n- Date: 2026-11-22\n\n## Context\n\n## Decision\n\n## Consequences\n"));

    private static IEnumerable<string> Defects(int number, string page)
    {
        var header = Header().Match(page);
        if (!header.Success || !header.Groups["title"].Value.StartsWith($"{number:0000}: ", StringComparison.Ordinal))
            yield return $"{number:0000} has no header with its number, status and date";
        else if (!DateOnly.TryParseExact(header.Groups["date"].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            yield return $"{number:0000} has no date of the calendar";
        if (!Section().Matches(page).Select(m => m.Groups[1].Value).SequenceEqual(Sections))
            yield return $"{number:0000} needs the sections {string.Join(", ", Sections)}";
    }

    private static int NumberOf(string file) => int.Parse(file.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture);

    private static string Read(string file) => Repository.Read($"docs/decisions/{file}");

    [GeneratedRegex(@"^\d{4}(?:-[a-z0-9]+)+\.md$")]
    private static partial Regex FileName();

    [GeneratedRegex(@"\A# (?<title>\d{4}: .+)\n\n- Status: (?<status>proposed|accepted|superseded by \d{4})\n- Date: (?<date>\d{4}-\d\d-\d\d)\n")]
    private static partial Regex Header();

    [GeneratedRegex(@"^## (.+)$", RegexOptions.Multiline)]
    private static partial Regex Section();
}
