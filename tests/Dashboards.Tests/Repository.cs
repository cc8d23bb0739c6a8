using System.Reflection;

namespace PluginHost.Dashboards;

/// <summary>Where the things under test are.</summary>
internal static class Repository
{
    private static readonly Dictionary<string, string> Told = typeof(Repository).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().ToDictionary(a => a.Key, a => a.Value!);

    public static string Deploy => Path.Combine(Told["RepositoryRoot"], "deploy");

    public static string Rules => Path.Combine(Deploy, "prometheus", "pluginhost.rules.yaml");

    public static string SlowPluginFolder => Path.GetDirectoryName(Told["SlowPluginAssembly"])!;

    /// <summary>A program of Prometheus.</summary>
    public static string Program(string name) => Path.Combine(
        Environment.GetEnvironmentVariable("PLUGINHOST_TEST_PROMETHEUS")
            ?? throw new InvalidOperationException("PLUGINHOST_TEST_PROMETHEUS has to name the folder that holds prometheus and promtool."),
        name);
}
