using System.Text.RegularExpressions;
using PluginHost.Architecture.Sources;

namespace PluginHost.Architecture;

/// <summary>A test that cannot run on a system or without a program is skipped with the reason, and never counts as passed.</summary>
public sealed partial class EarlyReturnTests
{
    [Fact]
    public void No_test_returns_early_on_another_system() => Verdict.Check(
        from file in Repository.CSharpFiles("tests")
        from Match match in EarlyReturn().Matches(Repository.Read($"tests/{file}"))
        select $"tests/{file}: {match.Value.Trim()}");

    [GeneratedRegex(@"^ {8}if \(!?(?:OperatingSystem\.|File\.Exists).*\) return;\r?$", RegexOptions.Multiline)]
    private static partial Regex EarlyReturn();
}
