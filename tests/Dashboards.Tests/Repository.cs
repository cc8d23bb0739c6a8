using System.Reflection;

namespace PluginHost.Dashboards;

/// <summary>The paths of the files under test.</summary>
internal static class Repository
{
    private static readonly Dictionary<string, string> Metadata = typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().ToDictionary(a => a.Key, a => a.Value!);

    public static string Deploy => Path.Combine(Metadata["RepositoryRoot"], "deploy");

    public static string Rules => Path.Combine(Deploy, "prometheus", "pluginhost.rules.yaml");

    public static string SlowPluginFolder => Path.GetDirectoryName(Metadata["SlowPluginAssembly"])!;

    /// <summary>Gets the path of a program of Prometheus.</summary>
    public static string GetProgram(string name) => Path.Combine(
        Environment.GetEnvironmentVariable("PLUGINHOST_TEST_PROMETHEUS")
            ?? throw new InvalidOperationException("PLUGINHOST_TEST_PROMETHEUS must be the folder of prometheus and promtool."),
        name);
}
