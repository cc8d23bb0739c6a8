using System.Diagnostics;

namespace PluginHost.Dashboards;

public sealed class PromtoolTests
{
    [Theory]
    [InlineData("check", "rules", "pluginhost.rules.yaml")]
    [InlineData("test", "rules", "pluginhost.rules.test.yaml")]
    [InlineData("test", "rules", "pluginhost.days.test.yaml")]
    [InlineData("check", "config", "scrape.yaml")]
    public async Task Promtool_reports_no_error(params string[] arguments)
    {
        var start = new ProcessStartInfo(Repository.GetProgram("promtool"), arguments)
        {
            WorkingDirectory = Path.Combine(Repository.Deploy, "prometheus"),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.True(process.ExitCode == 0, $"{await output}{await errors}");
    }
}
