using System.Text.RegularExpressions;

namespace PluginHost.EndToEnd.Packages;

/// <summary>What docs/coming-from.md shows works.</summary>
[Collection(PackageCollection.Name)]
[Trait("Form", "Long")]
public sealed partial class ComingFromTests(PackageFeed feed)
{
    private static readonly string Page = File.ReadAllText(Path.Combine(BuildOutputs.RepositoryRoot, "docs", "coming-from.md"));

    [Fact]
    public async Task The_plugin_that_replaces_a_context_provider_builds_and_adds_its_instructions()
    {
        using var folder = new AuthorFolder(feed);
        var plugin = AuthorPage.Read("../coming-from");
        await folder.BuildPluginsAsync([plugin]);
        folder.Work.Configure($$"""{ "PluginFolders": [ "plugins" ], "Agents": { "assistant": { "Chain": [ {{plugin.Entry}} ] } } }""");
        await using var host = await RunningHost.StartAsync(folder.Work);

        Assert.Equal("Echo: The user is in Hamburg. (0 earlier messages)", await host.Api.AskAsync("ada", "show instructions"));
    }

    [ProgramFact("jq")]
    public async Task A_thread_of_Assistants_is_a_conversation()
    {
        using var folder = WorkFolder.CreateShipped();
        await using var host = await RunningHost.StartAsync(folder);
        var commands = Commands().Match(Page).Groups[1].Value.Replace("http://127.0.0.1:5080", host.Address, StringComparison.Ordinal);
        await using var shell = ChildProcess.StartProgram(["bash", "-ec", commands], folder.Path);

        Assert.True(await shell.ExitAsync() == 0, shell.Transcript);
        var lines = shell.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.Contains($"`{line}`", Page, StringComparison.Ordinal));
    }

    [GeneratedRegex("```sh\n(.+?)```", RegexOptions.Singleline)]
    private static partial Regex Commands();
}
