using System.Text.Json;
using System.Xml.Linq;
using PluginHost.Tests.Outcomes;

namespace PluginHost.Tests.Deploy;

/// <summary>What the host asks of the runtime.</summary>
public sealed class RuntimeSettingsTests
{
    [Fact]
    public void Hot_methods_are_found_also_while_others_are_compiled()
    {
        var settings = JsonElement.Parse(File.ReadAllBytes(Path.Combine(OutcomeSetup.HostFolder, "pluginhost.runtimeconfig.json"))).GetProperty("runtimeOptions").GetProperty("configProperties");

        Assert.Equal(10, settings.GetProperty("System.Runtime.TieredCompilation.CallCountingDelayMs").GetInt32());
        Assert.Equal(16 * 1024 * 1024, settings.GetProperty("System.GC.Gen0MaxBudget").GetInt32());
    }

    [Fact]
    public void Plugins_of_a_composite_host_are_compiled_one_by_one()
    {
        var targets = XDocument.Load(Path.Combine(RepositoryFiles.Root, "src", "Host", "Plugins.targets"));

        // A property of the command line would reach the plugins too.
        var publication = Assert.Single(targets.Descendants(), e => e.Name.LocalName == "MSBuild");
        Assert.Contains("PublishReadyToRunComposite=false;", publication.Attribute("Properties")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void The_host_can_be_published_to_a_folder_with_a_blank_in_its_name()
    {
        var targets = XDocument.Load(Path.Combine(RepositoryFiles.Root, "src", "Host", "Plugins.targets"));

        // The compiler's response file is split at blanks outside of quotes.
        Assert.Matches("^-r:\"[^\"]+\"$", Assert.Single(targets.Descendants(), e => e.Name.LocalName == "PluginReferences").Value);
    }
}
