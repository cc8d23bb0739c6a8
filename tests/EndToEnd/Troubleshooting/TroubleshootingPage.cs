using System.Text.RegularExpressions;

namespace PluginHost.EndToEnd.Troubleshooting;

/// <summary>docs/troubleshooting.md: the messages and the cure below each heading.</summary>
internal static partial class TroubleshootingPage
{
    private static readonly Dictionary<string, string> Sections = Heading()
        .Split(File.ReadAllText(Path.Combine(BuildOutputs.RepositoryRoot, "docs", "troubleshooting.md"))).Skip(1)
        .Chunk(2).ToDictionary(s => s[0].Trim(), s => s[1]);

    /// <summary>The headings that have a message or a command below them.</summary>
    public static IEnumerable<string> Symptoms => Sections.Where(s => s.Value.Contains("```", StringComparison.Ordinal)).Select(s => s.Key);

    /// <summary>Checks that the messages below a heading, in this order, are what the host says.</summary>
    public static void Check(string heading, params string[] said)
    {
        var messages = Message().Matches(Sections[heading]).Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(messages.Count, said.Length);
        Assert.All(messages.Zip(said), pair => Assert.Matches(CreatePattern(pair.First), pair.Second));
    }

    /// <summary>Checks that the page names a setting, an option or a field as the cure, and returns it.</summary>
    public static string Cure(string heading, string name)
    {
        Assert.Contains(name, Sections[heading], StringComparison.Ordinal);
        return name;
    }

    // An ellipsis is a part that differs. The headings of JSON have one line.
    private static string CreatePattern(string message) => Regex.Escape(message).Replace("…", ".*", StringComparison.Ordinal);

    [GeneratedRegex("^##+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("^```text\n(.+)\n```$", RegexOptions.Multiline)]
    private static partial Regex Message();
}
