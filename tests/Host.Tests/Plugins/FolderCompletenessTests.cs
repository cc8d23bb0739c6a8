using System.Runtime.InteropServices;
using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Tests.Plugins;

/// <summary>When a watched folder is taken over.</summary>
public sealed class FolderCompletenessTests
{
    [Fact]
    public void A_folder_without_its_native_library_for_this_system_is_not_complete()
    {
        using var fixture = new PluginFixture();
        var folder = fixture.Add("SlowPlugin");
        var native = $"runtimes/{RuntimeInformation.RuntimeIdentifier}/native/libclock.so";
        fixture.Write("plugins/SlowPlugin/SlowPlugin.deps.json", $$"""
            { "targets": { ".NETCoreApp,Version=v10.0": { "Clock.Native/1.0.0": { "runtimeTargets": {
              "{{native}}": { "rid": "{{RuntimeInformation.RuntimeIdentifier}}", "assetType": "native" },
              "runtimes/other/native/libclock.so": { "rid": "other", "assetType": "native" }
            } } } } }
            """);

        Assert.EndsWith("is missing.", FolderCompleteness.FindMissing(folder), StringComparison.Ordinal);
        fixture.Write($"plugins/SlowPlugin/{native}", "code");
        Assert.Null(FolderCompleteness.FindMissing(folder));
    }
}
