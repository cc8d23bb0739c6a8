using System.Reflection;
using PluginHost.Engine.Configuration.Model;
using PluginHost.Engine.Plugins.Catalog;
using PluginHost.Engine.Plugins.Loading;
using PluginHost.Sdk;

namespace PluginHost.Tests.Plugins;

public sealed class ReferenceCheckTests
{
    private static readonly Version Host = typeof(RunRequest).Assembly.GetName().Version!;

    [Theory]
    [InlineData(0, 1, "Update the host to")]
    [InlineData(1, 0, "Build the plugin on PluginHost.Sdk")]
    public void A_plugin_built_on_a_newer_SDK_or_another_major_version_is_refused_by_name(int major, int minor, string cure)
    {
        var built = new Version(Host.Major + major, Host.Minor + minor, 0, 0);

        var error = Assert.Single(Check(built));

        Assert.Contains($"Clock 1.0.0.0 was built on PluginHost.Sdk {built.ToString(3)}, and this host has {Host.ToString(3)}", error.Message, StringComparison.Ordinal);
        Assert.StartsWith(cure, error.Cure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plugin_built_on_the_hosts_SDK_is_taken() => Assert.Empty(Check(Host));

    private static List<ConfigurationError> Check(Version built)
    {
        var errors = new List<ConfigurationError>();
        var sdk = new AssemblyName("PluginHost.Sdk") { Version = built };
        new ReferenceCheck(new PluginFolder("/plugins/Clock"), errors, AssemblyFacts.Read).Check([new AssemblyFacts("Clock", new Version(1, 0, 0, 0), [sdk])]);
        return errors;
    }
}
