using System.Security.Cryptography;

namespace PluginHost.EndToEnd;

[Trait("Form", "Long")]
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

    [Fact]
    public async Task A_host_that_requires_reports_loads_a_plugin_only_with_a_signed_one_of_its_files()
    {
        using var folder = new WorkFolder();
        folder.InstallPlugin(BuildOutputs.TalkativeFolder, "TalkativePlugin");
        WriteKeys(folder);
        folder.Configure("""
            {
              "PluginFolders": [ "plugins" ],
              "PluginTrust": { "ConformanceKeys": [ "author.pub" ] },
              "Agents": { "assistant": { "Chain": [ { "Plugin": "talkative" } ] } }
            }
            """);
        Assert.Contains("There is no signed conformance report of it.", (await RunningHost.RunAsync(folder, ["check"])).Errors, StringComparison.Ordinal);

        var (code, report, errors) = await RunningHost.RunAsync(folder, ["conform", "talkative", "--sign", "author.pem"]);
        Assert.True(code == 0, report + errors);
        await using (var host = await RunningHost.StartAsync(folder))
        {
            Assert.Equal("completed", (string?)(await host.Api.RunAsync("ada", "hi"))["status"]);
        }

        folder.Write("plugins/TalkativePlugin/Helper.dll", "planted");
        Assert.Contains("Its conformance report is of other files: Helper.dll.", (await RunningHost.RunAsync(folder, ["check"])).Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_with_broken_rules_is_written_and_not_signed()
    {
        using var folder = new WorkFolder();
        folder.InstallPlugin(BuildOutputs.MisbehavingFolder, "MisbehavingPlugin");
        WriteKeys(folder);
        var (code, report, _) = await RunningHost.RunAsync(folder, ["conform", "misbehaving-context", "--option", "Does=Throws", "--sign", "author.pem"]);

        Assert.Equal(1, code);
        Assert.Contains("(not signed, because rules are broken)", report, StringComparison.Ordinal);
        var file = Assert.Single(Directory.GetFiles(folder["plugins/MisbehavingPlugin"], "*.conformance.*"));
        Assert.Contains("\"A_run_completes\": ", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_cannot_sign_is_an_error_before_the_checks()
    {
        using var folder = new WorkFolder();
        folder.InstallPlugin(BuildOutputs.TalkativeFolder, "TalkativePlugin");
        WriteKeys(folder);
        foreach (var file in new[] { "author.pub", "missing.pem" })
        {
            var (code, report, errors) = await RunningHost.RunAsync(folder, ["conform", "talkative", "--sign", file]);
            Assert.Equal((1, ""), (code, report));
            Assert.Contains($"--sign: '{folder[file]}' holds no private key", errors, StringComparison.Ordinal);
        }
    }

    private static void WriteKeys(WorkFolder folder)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        folder.Write("author.pem", key.ExportPkcs8PrivateKeyPem());
        folder.Write("author.pub", key.ExportSubjectPublicKeyInfoPem());
    }
}
