namespace PluginHost.EndToEnd.Packages;

/// <summary>The host as a tool of the .NET SDK.</summary>
[Collection(PackageCollection.Name)]
[Trait("Form", "Long")]
public sealed class ToolTests(PackageFeed feed)
{
    [Fact]
    public async Task The_installed_tool_brings_the_plugins_that_ship()
    {
        using var folder = new AuthorFolder(feed);
        await folder.DotnetAsync("tool", "install", "pluginhost", "--prerelease", "--tool-path", folder.Work["tools"]);
        await using var tool = ChildProcess.StartProgram([folder.Work["tools/pluginhost"], "plugins"], folder.Work.Path);

        Assert.Equal(0, await tool.ExitAsync());
        Assert.Contains("sqlite-history", tool.Output, StringComparison.Ordinal);
        Assert.Contains("memory", tool.Output, StringComparison.Ordinal);
    }
}
