using System.Reflection;

namespace PluginHost.EndToEnd.Running;

/// <summary>What was built together with these tests, as the build itself told it.</summary>
internal static class BuildOutputs
{
    private static readonly Dictionary<string, string> Told = typeof(BuildOutputs).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().ToDictionary(a => a.Key, a => a.Value!);

    /// <summary>PluginHost.dll, with the plugins beside it.</summary>
    public static string HostAssembly => Told["HostAssembly"];

    /// <summary>The folder of a plugin that brings a SQLite of its own.</summary>
    public static string SqliteCarrierFolder => Path.GetDirectoryName(Told["SqliteCarrierAssembly"])!;

    /// <summary>The folder of a plugin with spans and metrics of its own.</summary>
    public static string TalkativeFolder => Path.GetDirectoryName(Told["TalkativeAssembly"])!;

    /// <summary>The folder of a plugin that does what it should not.</summary>
    public static string MisbehavingFolder => Path.GetDirectoryName(Told["MisbehavingAssembly"])!;

    public static string ShippedConfiguration => Path.Combine(Told["RepositoryRoot"], "config", "appsettings.json");

    public static string SdkProject => Path.Combine(Told["RepositoryRoot"], "src", "Sdk", "Sdk.csproj");

    public static string Configuration => Told["Configuration"];

    /// <summary>Where packages were restored to.</summary>
    public static string PackageFolder => Told["PackageFolder"];
}
