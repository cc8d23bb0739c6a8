using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Tests.Deploy;

/// <summary>What systemd and Docker are configured to do with the host.</summary>
public sealed class SupervisorTests
{
    /// <summary>Runs, then plugins, then telemetry.</summary>
    private static readonly TimeSpan NeededToStop = new ServerConfiguration().ShutdownTimeout + TimeSpan.FromSeconds(8);

    private static readonly Dictionary<string, string> Unit = File.ReadAllLines(Path.Combine(DeployFiles.Folder, "systemd", "pluginhost.service"))
        .Where(line => line.Contains('=', StringComparison.Ordinal) && line[0] != '#')
        .Select(line => line.Split('=', 2))
        .GroupBy(setting => setting[0], setting => setting[1], StringComparer.Ordinal)
        .ToDictionary(setting => setting.Key, setting => setting.First(), StringComparer.Ordinal);

    [Fact]
    public void A_stop_leaves_the_host_the_time_that_it_needs()
    {
        var compose = DeployFiles.Yaml("compose.yaml").Find("x-pluginhost")!.Find("stop_grace_period")!.ToString();

        Assert.True(Seconds(Unit["TimeoutStopSec"]) > NeededToStop);
        Assert.True(Seconds(compose.TrimEnd('s')) > NeededToStop);
    }

    [Fact]
    public void A_reload_is_the_signal_that_the_host_takes_for_one() => Assert.Equal("/bin/kill -HUP $MAINPID", Unit["ExecReload"]);

    [Fact]
    public void A_host_that_cannot_start_is_tried_again_ever_more_slowly() =>
        Assert.True(Unit["Restart"] == "on-failure" && int.Parse(Unit["RestartSteps"], null) > 0 && Seconds(Unit["RestartMaxDelaySec"]) > Seconds(Unit["RestartSec"]));

    private static TimeSpan Seconds(string text) => TimeSpan.FromSeconds(int.Parse(text, null));
}
