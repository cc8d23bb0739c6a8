using System.Text.Json.Nodes;

namespace PluginHost.EndToEnd.Packages;

[Collection(PackageCollection.Name)]
[Trait("Form", "Long")]
public sealed class TemplateTests(PackageFeed feed)
{
    private const string Kinds = "context run chat function client";

    [Theory]
    [InlineData("C#", "csproj", $"{Kinds} history store", "ECHO: HI (0 EARLIER MESSAGES)")]
    [InlineData("F#", "fsproj", Kinds, "Echo: hi (0 earlier messages)")]
    public async Task A_plugin_of_every_kind_is_made_from_the_template_passes_its_tests_and_is_used_by_a_host(
        string language, string project, string kindsOfLanguage, string answer)
    {
        var kinds = kindsOfLanguage.Split(' ');
        using var folder = new AuthorFolder(feed);
        string[] hive = ["--debug:custom-hive", folder.Work["hive"]];
        await folder.DotnetAsync(["new", "install", Assert.Single(Directory.GetFiles(feed.Folder, "PluginHost.Templates.*.nupkg")), .. hive]);
        foreach (var kind in kinds)
            await folder.DotnetAsync(["new", "pluginhost-plugin", "-n", NameOf(kind), "--kind", kind, "--language", language, "--no-update-check", .. hive]);
        var projects = kinds.Select(NameOf).SelectMany(n => new[] { $"{n}/{n}/{n}.{project}", $"{n}/{n}.Tests/{n}.Tests.{project}" });
        folder.Work.Write("All.slnx", $"<Solution>{string.Concat(projects.Select(p => $"<Project Path=\"{p}\" />"))}</Solution>");
        await folder.DotnetAsync("build", "All.slnx", "--nologo");
        await folder.DotnetAsync("test", "All.slnx", "--no-build", "--nologo");

        foreach (var name in kinds.Select(NameOf)) folder.Work.InstallPlugin(folder.Work[$"{name}/{name}/bin/Debug/net10.0"], name);
        var stores = kinds.Intersect(["history", "store"]).ToList();
        string[] chain = [.. stores.Take(1), "run", "context", "chat", "function"];
        folder.Work.Configure($$"""
            {
              "PluginFolders": [ "plugins" ],
              "Agents": { "assistant": { "Chain": [ {{string.Join(", ", chain.Select(kind => $$"""{ "Plugin": "demo-{{kind}}" }"""))}} ] } },
              "Sessions": { {{(stores.Count == 0 ? "" : """ "Store": { "Plugin": "demo-store" } """)}} }
            }
            """);
        var (code, listed, errors) = await RunningHost.RunAsync(folder.Work, ["plugins", "--json"]);
        Assert.True(code == 0, errors);
        var found = JsonNode.Parse(listed)!.AsArray().ToDictionary(p => (string)p!["name"]!, p => (string?)p!["summary"]);
        Assert.All(kinds, kind => Assert.NotNull(found[$"demo-{kind}"]));
        await using var host = await RunningHost.StartAsync(folder.Work);
        Assert.Equal(answer, await host.Api.AskAsync("ada", "hi"));
        Assert.Contains("exact_time returned 2", await host.Api.AskAsync("ada", "call exact_time"), StringComparison.OrdinalIgnoreCase);
        Assert.All(stores, kind => Assert.Single(Directory.GetFiles(folder.Work[$"demo-{kind}"])));
    }

    /// <summary>Some are no identifiers: the names that plugins register have hyphens, and those of assemblies dots.</summary>
    private static string NameOf(string kind) => kind switch
    {
        "chat" or "client" => $"demo-{kind}",
        "run" or "store" => $"Demo.{char.ToUpperInvariant(kind[0])}{kind[1..]}",
        _ => $"Demo{char.ToUpperInvariant(kind[0])}{kind[1..]}",
    };
}
