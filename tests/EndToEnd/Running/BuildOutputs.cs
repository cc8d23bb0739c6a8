using System.Reflection;

namespace PluginHost.EndToEnd.Running;

/// <summary>The paths of what was built together with these tests. The build passes them as assembly metadata.</summary>
internal static class BuildOutputs
{
    private static readonly Dictionary<string, string> Metadata = typeof(BuildOutputs).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>().ToDictionary(a => a.Key, a => a.Value!);

    /// <summary>pluginhost.dll. Its folder also holds the built-in plugins.</summary>
    public static string HostAssembly => Metadata["HostAssembly"];

    /// <summary>The folder of a plugin that contains its own native SQLite.</summary>
    public static string SqliteCarrierFolder => Path.GetDirectoryName(Metadata["SqliteCarrierAssembly"])!;

    /// <summary>The folder of a plugin that creates spans and metrics.</summary>
    public static string TalkativeFolder => Path.GetDirectoryName(Metadata["TalkativeAssembly"])!;

    /// <summary>The folder of a plugin that breaks the contract on request.</summary>
    public static string MisbehavingFolder => Path.GetDirectoryName(Metadata["MisbehavingAssembly"])!;

    /// <summary>The folder of a plugin whose tools act on a server of the test.</summary>
    public static string EffectFolder => Path.GetDirectoryName(Metadata["EffectAssembly"])!;

    /// <summary>The folders of two versions of one plugin; each has a private library of its version.</summary>
    public static IReadOnlyList<string> VersionedFolders =>
        [Path.GetDirectoryName(Metadata["Versioned1Assembly"])!, Path.GetDirectoryName(Metadata["Versioned2Assembly"])!];

    /// <summary>The folder of a later version of <c>sqlite-history</c>.</summary>
    public static string SqliteHistoryNextFolder => Path.GetDirectoryName(Metadata["SqliteHistoryNextAssembly"])!;

    /// <summary>An assembly of the SDK that lacks most of it.</summary>
    public static string FutureSdk => Metadata["FutureSdkAssembly"];

    public static string ShippedConfiguration => Path.Combine(Metadata["RepositoryRoot"], "config", "appsettings.json");

    public static string RepositoryRoot => Metadata["RepositoryRoot"];

    /// <summary>The script that makes all packages.</summary>
    public static string PackScript => Path.Combine(RepositoryRoot, "scripts", "pack");

    public static string Configuration => Metadata["Configuration"];

    /// <summary>The folder that NuGet packages were restored to.</summary>
    public static string PackageFolder => Metadata["PackageFolder"];
}
