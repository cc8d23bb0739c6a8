namespace PluginHost.EndToEnd;

public sealed class ConformTests
{
    [Fact]
    public async Task A_built_plugin_is_checked_and_each_rule_reported()
    {
        using var folder = new WorkFolder();
        folder.InstallPlugin(BuildOutputs.TalkativeFolder, "TalkativePlugin");
        var (code, report, errors) = await RunningHost.RunAsync(folder, ["conform", "talkative"]);

        Assert.True(code == 0, report + errors);
        Assert.Contains("  ok      Concurrent sessions do not see each other (", report, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^\d+ passed, 0 failed$", report);
    }

    [Fact]
    public async Task A_broken_rule_is_named_and_the_exit_code_is_1()
    {
        using var folder = new WorkFolder();
        folder.InstallPlugin(BuildOutputs.MisbehavingFolder, "MisbehavingPlugin");
        var (code, report, _) = await RunningHost.RunAsync(folder, ["conform", "misbehaving-context", "--option", "Does=Throws"]);

        Assert.Equal(1, code);
        Assert.Contains("  FAILED  A run completes: The plugin failed in a run", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_plugin_or_option_is_an_error()
    {
        using var folder = new WorkFolder();
        folder.InstallPlugin(BuildOutputs.TalkativeFolder, "TalkativePlugin");
        var unknown = await RunningHost.RunAsync(folder, ["conform", "talkativ"]);
        var wrong = await RunningHost.RunAsync(folder, ["conform", "talkative", "--option", "Volume=high"]);

        Assert.Equal((1, 1), (unknown.Code, wrong.Code));
        Assert.Contains("There is no plugin 'talkativ'", unknown.Errors, StringComparison.Ordinal);
        Assert.Contains("--option:Volume", wrong.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sqlite-history")]
    [InlineData("sqlite-sessions")]
    public async Task Stores_are_checked_with_the_rules_of_their_kind(string plugin)
    {
        using var folder = new WorkFolder();
        var (code, report, errors) = await RunningHost.RunAsync(
            folder, ["conform", plugin, "--folder", Path.Combine(Path.GetDirectoryName(BuildOutputs.HostAssembly)!, "plugins"), "--option", "Path=checked.db"]);

        Assert.True(code == 0, report + errors);
        Assert.True(report.Split('\n')[1..^2].Length > 20, report);
        Assert.All(report.Split('\n')[1..^2], line => Assert.StartsWith("  ok ", line, StringComparison.Ordinal));
    }
}
