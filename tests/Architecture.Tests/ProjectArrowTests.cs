using System.Xml.Linq;
using PluginHost.Architecture.Sources;

namespace PluginHost.Architecture;

/// <summary>The arrows between projects: Sdk ← Sdk.Stores ← Engine ← Testing ← Host → Console, and plugins see the SDK alone. The compiler keeps what project files say.</summary>
public sealed class ProjectArrowTests
{
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Sdk"] = [],
        ["Sdk.Stores"] = ["Sdk"],
        ["Engine"] = ["Sdk.Stores"],
        ["Host"] = ["Engine", "Console", "Testing"],
        ["Console"] = [],
        ["Testing"] = ["Sdk.Stores", "Engine"],
        ["Analyzers"] = [],
    };

    [Fact]
    public void Each_project_references_only_what_it_may()
    {
        var projects = Directory.GetFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories);

        Assert.Equal(Arrows.Keys.Order(), projects.Select(p => Path.GetFileNameWithoutExtension(p)).Order());
        Assert.All(projects, p => Assert.Equal(Arrows[Path.GetFileNameWithoutExtension(p)], References(p)));
    }

    [Fact]
    public void The_host_references_no_plugin_and_a_plugin_only_the_sdk()
    {
        var targets = XDocument.Load(Repository.PathOf("src/Host/Plugins.targets")).Descendants("ProjectReference");
        var plugins = Directory.GetFiles(Repository.PathOf("plugins"), "*.csproj", SearchOption.AllDirectories);

        Assert.All(targets, r => Assert.Equal("false", r.Attribute("ReferenceOutputAssembly")?.Value));
        Assert.All(plugins, p => Assert.Empty(References(p)));
        Assert.Equal(["Sdk", "Sdk.Stores"], References(Repository.PathOf("plugins/Directory.Build.props")));
    }

    [Fact]
    public void The_engine_knows_neither_a_web_framework_nor_an_exporter()
    {
        var engine = XDocument.Load(Repository.PathOf("src/Engine/Engine.csproj"));
        var packages = engine.Descendants("PackageReference").Select(p => p.Attribute("Include")!.Value);

        Assert.Equal("Microsoft.NET.Sdk", engine.Root!.Attribute("Sdk")?.Value);
        Assert.Empty(engine.Descendants("FrameworkReference"));
        Assert.DoesNotContain(packages, p => p.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal) || p.StartsWith("OpenTelemetry", StringComparison.Ordinal));
    }

    /// <summary>The console is a client of the public API: no part of the host relies on it.</summary>
    [Fact]
    public void The_console_is_known_where_the_host_is_put_together_alone() =>
        Assert.Empty(
            from file in Solution.Host.Files
            where file.Folder != "Hosting"
            from use in file.Uses.All
            where use.Type?.ContainingAssembly?.Name == "PluginHost.WebConsole"
            select file.ToString());

    // A reference without the assembly gives the build its order, or the compiler an analyzer.
    private static IEnumerable<string> References(string project) =>
        XDocument.Load(project).Descendants("ProjectReference").Where(r => r.Attribute("ReferenceOutputAssembly")?.Value != "false").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));
}
