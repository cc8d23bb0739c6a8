using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace PluginHost.Tests;

/// <summary>The arrows between projects, read from project files, and what may be logged.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly string Sources = Path.Combine(RepositoryFiles.Root, "src");

    /// <summary>The two that may: the one says which issuer does not answer, the other is for a plugin's author, before any run.</summary>
    [Fact]
    public void Exceptions_are_logged_without_their_texts()
    {
        var raw =
            from file in Directory.GetFiles(Sources, "Log.cs", SearchOption.AllDirectories)
            from Match method in RawException().Matches(File.ReadAllText(file))
            select method.Groups[1].Value;

        Assert.Equal(["PluginFailed", "TokenUnchecked"], raw.Order());
    }

    [Fact]
    public void The_host_references_no_plugin_and_a_plugin_only_the_sdk()
    {
        Assert.Equal(["Engine"], References(Path.Combine(Sources, "Host", "Host.csproj")));
        Assert.Equal(["Sdk"], References(Path.Combine(Sources, "Engine", "Engine.csproj")));
        Assert.Empty(References(Path.Combine(Sources, "Sdk", "Sdk.csproj")));
        var targets = XDocument.Load(Path.Combine(Sources, "Host", "Plugins.targets")).Descendants("ProjectReference");
        Assert.All(targets, r => Assert.Equal("false", r.Attribute("ReferenceOutputAssembly")?.Value));

        foreach (var project in Directory.GetFiles(Path.Combine(RepositoryFiles.Root, "plugins"), "*.csproj", SearchOption.AllDirectories))
            Assert.Empty(References(project));
        var common = References(Path.Combine(RepositoryFiles.Root, "plugins", "Directory.Build.props"));
        Assert.Equal(["Sdk"], common);
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Load(project).Descendants("ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value.Replace('\\', '/')));

    [GeneratedRegex(@"partial void (\w+)\([^)]*\bException\?? ")]
    private static partial Regex RawException();
}
