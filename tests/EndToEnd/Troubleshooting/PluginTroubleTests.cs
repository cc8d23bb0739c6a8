using PluginHost.EndToEnd.Swaps;

namespace PluginHost.EndToEnd.Troubleshooting;

/// <summary>Plugins that are not loaded or not taken over, as the page of troubleshooting has them.</summary>
public sealed class PluginTroubleTests
{
    private static readonly string Memory = Path.Combine(Path.GetDirectoryName(BuildOutputs.HostAssembly)!, "plugins", "Memory");

    [Fact]
    public async Task Folders_of_plugins_that_have_the_wrong_form_are_on_the_page()
    {
        using var folder = WorkFolder.CreateShipped();
        folder.InstallPlugin(Memory, "Memory");
        var wrong = await RunningHost.RunAsync(folder, ["check"], ("PluginFolders__0", "missing"), ("PluginFolders__1", "plugins/Memory"));
        var twice = await RunningHost.RunAsync(folder, ["check"], ("PluginFolders__0", "plugins"));
        Directory.Move(folder["plugins/Memory"], folder["plugins/Clock"]);
        folder.Write("plugins/Text/Text.dll", "no assembly");
        var ignored = await RunningHost.RunAsync(folder, ["check"], ("PluginFolders__0", "plugins"));

        TroubleshootingPage.Check(
            "The folder has the wrong form", wrong.Errors, wrong.Errors.Replace("PluginFolders:1", "PluginFolders:0", StringComparison.Ordinal), ignored.Errors, ignored.Errors);
        TroubleshootingPage.Check("A plugin is there twice", twice.Errors);
        Assert.Equal((1, 0), (twice.Code, ignored.Code));
    }

    [Fact]
    public async Task A_new_DLL_is_used_after_the_cure_of_the_page()
    {
        using var folder = WorkFolder.Create("""{ "Agents": { "assistant": { "Chain": [ { "Plugin": "versioned" } ] } }, "PluginFolders": [ "plugins" ] }""");
        folder.InstallPlugin(BuildOutputs.VersionedFolders[0], "Versioned");
        await using var host = await RunningHost.StartAsync(folder);
        FolderChange.Rename(BuildOutputs.VersionedFolders[1], folder["plugins/Versioned"]);
        Assert.Equal("1.0.0", await VersionAsync());

        var cure = TroubleshootingPage.Cure("A new DLL is not used", "pluginhost reload").Split(' ')[1];
        var reloaded = await RunningHost.RunAsync(folder, [cure, "--url", host.Address]);

        Assert.Equal((0, ""), (reloaded.Code, reloaded.Errors));
        Assert.Equal("2.0.0", await VersionAsync());

        async Task<string?> VersionAsync() =>
            (string?)(await host.Api.GetAsync("/v1/plugins"))["data"]!.AsArray().Single(p => (string?)p!["name"] == "versioned")!["version"];
    }

    [Fact]
    public async Task A_refused_reload_is_on_the_page()
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder);
        folder.Configure("""{ "Agents": { "assistant": { "Chain": [ { "Plugin": "memmory" } ] } } }""");

        TroubleshootingPage.Check("A reload is refused", await host.SendRawAsync("POST", "/v1/reload"));
        Assert.Contains(TroubleshootingPage.Cure("A reload is refused", "The new configuration was refused"), host.Output, StringComparison.Ordinal);
    }
}
