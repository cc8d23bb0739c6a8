using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd.Packages;

[Collection(PackageCollection.Name)]
public sealed class TemplateTests(PackageFeed feed)
{
    private static readonly string[] Kinds = ["context", "run", "chat", "function", "client"];

    [Theory]
    [InlineData("C#", "csproj", "ECHO: HI (0 EARLIER MESSAGES)")]
    [InlineData("F#", "fsproj", "Echo: hi (0 earlier messages)")]
    public async Task A_plugin_of_every_kind_is_made_from_the_template_passes_its_tests_and_is_used_by_a_host(string language, string project, string answer)
    {
        using var folder = new AuthorFolder(feed);
        string[] hive = ["--debug:custom-hive", folder.Work["hive"]];
        await folder.DotnetAsync(["new", "install", Assert.Single(Directory.GetFiles(feed.Folder, "PluginHost.Templates.*.nupkg")), .. hive]);
        foreach (var kind in Kinds)
            await folder.DotnetAsync(["new", "pluginhost-plugin", "-n", NameOf(kind), "--kind", kind, "--language", language, "--no-update-check", .. hive]);
        var projects = Kinds.Select(NameOf).SelectMany(n => new[] { $"{n}/{n}/{n}.{project}", $"{n}/{n}.Tests/{n}.Tests.{project}" });
        folder.Work.Write("All.slnx", $"<Solution>{string.Concat(projects.Select(p => $"<Project Path=\"{p}\" />"))}</Solution>");
        await folder.DotnetAsync("build", "All.slnx", "--nologo");
        await folder.DotnetAsync("test", "All.slnx", "--no-build", "--nologo");

        foreach (var name in Kinds.Select(NameOf)) folder.Work.InstallPlugin(folder.Work[$"{name}/{name}/bin/Debug/net10.0"], name);
        folder.Work.Configure("""
            {
              "PluginFolders": [ "plugins" ],
              "Agents": { "assistant": { "Chain": [ { "Plugin": "demo-run" }, { "Plugin": "demo-context" }, { "Plugin": "demo-chat" }, { "Plugin": "demo-function" } ] } }
            }
            """);
        var (code, listed, errors) = await RunningHost.RunAsync(folder.Work, ["plugins", "--json"]);
        Assert.True(code == 0, errors);
        var found = JsonNode.Parse(listed)!.AsArray().ToDictionary(p => (string)p!["name"]!, p => (string?)p!["summary"]);
        Assert.All(Kinds, kind => Assert.NotNull(found[$"demo-{kind}"]));
        await using var host = await RunningHost.StartAsync(folder.Work);
        Assert.Equal(answer, await host.Api.AskAsync("ada", "hi"));
        Assert.Contains("exact_time returned 2", await host.Api.AskAsync("ada", "call exact_time"), StringComparison.OrdinalIgnoreCase);
    }

    private static string NameOf(string kind) => $"Demo{char.ToUpperInvariant(kind[0])}{kind[1..]}";
}
