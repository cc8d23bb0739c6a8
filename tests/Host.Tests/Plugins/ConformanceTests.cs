using System.Security.Cryptography;
using System.Text;
using PluginHost.Engine.Plugins.Catalog;

namespace PluginHost.Tests.Plugins;

public sealed class ConformanceTests : IDisposable
{
    private readonly PluginFixture _fixture = new("GoodPlugin");
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ConformanceReport _report;

    public ConformanceTests()
    {
        _fixture.Write("author.pub", _key.ExportSubjectPublicKeyInfoPem());
        _report = new()
        {
            Plugin = "good-guard",
            Version = "1.0.0",
            CheckedAt = DateTimeOffset.UnixEpoch,
            Files = PluginFiles.Hash(Folder).ToDictionary(f => f.Name, f => f.Sha256),
            Passed = ["A_run_completes"],
            Failed = new Dictionary<string, string>(),
        };
    }

    private string Folder => Path.Combine(_fixture.PluginFolder, "GoodPlugin");

    public void Dispose()
    {
        _key.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public void A_plugin_with_a_signed_report_of_its_files_is_loaded_also_with_pins()
    {
        Write(_report.Write(), _key);
        Assert.Empty(Load().Errors);
        var hashes = string.Join(", ", _report.Files.Values.Select(h => $"\"{h}\""));
        Assert.Empty(Load($$"""{ "ConformanceKeys": [ "author.pub" ], "Sha256": [ {{hashes}} ] }""").Errors);
    }

    [Fact]
    public void Without_the_setting_no_report_is_needed() => Assert.Empty(Load("{}").Errors);

    [Fact]
    public void A_plugin_that_nothing_uses_needs_no_report()
    {
        _fixture.Add("EmptyPlugin");
        Write(_report.Write(), _key);
        Assert.Empty(Load().Errors);
    }

    [Fact]
    public void A_missing_report_is_named_with_the_cure()
    {
        var error = Assert.Single(Load().Errors);
        Assert.Equal((Folder, "Plugin 'good-guard': There is no signed conformance report of it."), (error.Path, error.Message));
        Assert.Contains($"pluginhost conform good-guard --folder {_fixture.PluginFolder} --sign FILE", error.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_that_another_key_has_signed_or_that_was_changed_is_refused()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Write(_report.Write(), other);
        Assert.Equal("No key of PluginTrust:ConformanceKeys has signed its conformance report.", Refusal());

        Write(_report.Write(), _key);
        File.WriteAllBytes(Path.Combine(Folder, "good-guard.conformance.json"), (_report with { Version = "2.0.0" }).Write());
        Assert.Equal("No key of PluginTrust:ConformanceKeys has signed its conformance report.", Refusal());
    }

    [Fact]
    public void A_report_of_another_plugin_other_files_or_broken_rules_is_refused()
    {
        Write((_report with { Plugin = "better" }).Write(), _key);
        Assert.Equal("Its conformance report is of plugin 'better'.", Refusal());
        Write((_report with { Files = new Dictionary<string, string>(_report.Files) { ["GoodPlugin.dll"] = new string('0', 64) } }).Write(), _key);
        Assert.Equal("Its conformance report is of other files: GoodPlugin.dll.", Refusal());
        Write((_report with { Failed = new Dictionary<string, string> { ["A_run_completes"] = "It failed." } }).Write(), _key);
        Assert.Equal("Its conformance report has broken rules: A_run_completes.", Refusal());
        Write((_report with { Passed = [] }).Write(), _key);
        Assert.Equal("Its conformance report has no rules.", Refusal());
        Write(Encoding.UTF8.GetBytes("no json"), _key);
        Assert.StartsWith("Its conformance report cannot be read: ", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_a_key_is_an_error()
    {
        _fixture.Write("author.pub", "no key");
        var error = Load().Errors[0];
        Assert.Equal("PluginTrust:ConformanceKeys:0", error.Path);
        Assert.Contains("holds no public key", error.Message, StringComparison.Ordinal);
        Assert.Equal("PluginTrust:ConformanceKeys:0", Load("""{ "ConformanceKeys": [ "missing.pub" ] }""").Errors[0].Path);
    }

    private void Write(byte[] report, ECDsa key)
    {
        File.WriteAllBytes(Path.Combine(Folder, "good-guard.conformance.json"), report);
        File.WriteAllBytes(Path.Combine(Folder, "good-guard.conformance.sig"), ConformanceCheck.Sign(report, key));
    }

    private string Refusal() => Assert.Single(Load().Errors).Message["Plugin 'good-guard': ".Length..];

    private HostSetup Load(string trust = """{ "ConformanceKeys": [ "author.pub" ] }""") =>
        _fixture.Load($$"""{ "Agents": { "a": { "Chain": [ { "Plugin": "good-guard" } ] } }, "PluginTrust": {{trust}} }""");
}
