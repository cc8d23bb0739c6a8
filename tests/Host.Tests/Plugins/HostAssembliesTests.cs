using PluginHost.Engine.Plugins.Loading;

namespace PluginHost.Tests.Plugins;

public sealed class HostAssembliesTests
{
    [Fact]
    public void A_host_that_brings_its_framework_distinguishes_it_from_its_own_assemblies()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var file = Path.Combine(folder.FullName, "pluginhost.deps.json");
            File.WriteAllText(
                file,
                """
                {
                  "targets": {
                    ".NETCoreApp,Version=v10.0": {},
                    ".NETCoreApp,Version=v10.0/linux-x64": {
                      "pluginhost/1.0.0": { "runtime": { "pluginhost.dll": {} } },
                      "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/10.0.12": { "runtime": { "System.Text.Json.dll": {} }, "native": { "libcoreclr.so": {} } },
                      "runtimepack.Microsoft.AspNetCore.App.Runtime.linux-x64/10.0.12": { "runtime": { "Microsoft.AspNetCore.dll": {} } },
                      "Yarp.ReverseProxy/2.3.0": { "runtime": { "lib/net8.0/Yarp.ReverseProxy.dll": {} } }
                    }
                  }
                }
                """);

            Assert.Equal(["System.Text.Json.dll", "Microsoft.AspNetCore.dll"], HostAssemblies.ReadFramework(file));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
