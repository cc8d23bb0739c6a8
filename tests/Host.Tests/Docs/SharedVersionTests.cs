using System.Xml.Linq;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Tests.Docs;

/// <summary>What the SDK's package and its page say of shared assemblies is what the host has.</summary>
public sealed class SharedVersionTests
{
    private static readonly IEnumerable<(string, string)> OfHost =
        SharedAssemblies.Names.Select(n => (n, n.StartsWith(SharedAssemblies.Sdk, StringComparison.Ordinal) ? "" : SharedAssemblies.VersionOf(n)!.ToString())).Order();

    [Fact]
    public void The_package_checks_builds_against_the_versions_of_the_host()
    {
        var file = XDocument.Load(Path.Combine(RepositoryFiles.Root, "src", "Sdk", "build", "SharedAssemblies.props"));
        var items = file.Descendants("PluginHostSharedAssembly").Select(i => ((string)i.Attribute("Include")!, (string?)i.Attribute("HostVersion") ?? ""));

        Assert.Equal(OfHost, items.Order());
        Assert.Equal($"{Environment.Version.Major}.{Environment.Version.Minor}", file.Descendants("PluginHostNetVersion").Single().Value);
    }

    [Fact]
    public void The_page_of_versions_lists_the_versions_of_the_host()
    {
        var page = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docs", "plugins", "versions.md"));
        var rows = DocumentationTests.Rows(page, "shared assembly").Select(cells => (cells[0], cells[1] == "the host's" ? "" : cells[1]));

        Assert.Equal(OfHost, rows.Order());
    }
}
