using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace PluginHost.Analyzers.Tests;

public sealed partial class PageTests
{
    [Fact]
    public void The_page_of_the_rules_lists_each_rule_and_no_other()
    {
        var rules = typeof(Rules).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => ((DiagnosticDescriptor)f.GetValue(null)!).Id);
        var page = File.ReadAllText(Path.Combine(FindRoot(), "docs", "plugins", "analyzers.md"));

        Assert.Equal(rules.Order(), Row().Matches(page).Select(m => m.Groups[1].Value));
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "PluginHost.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }

    [GeneratedRegex(@"^\| `(PH\d{4})` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
