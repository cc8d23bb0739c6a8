using System.Reflection;

namespace PluginHost.Engine.Plugins.Loading;

/// <summary>The assemblies that the host can load: the framework's and its own.</summary>
internal static class HostAssemblies
{
    private static readonly Lazy<Dictionary<string, string>> Files = new(() =>
        ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .GroupBy(Path.GetFileNameWithoutExtension, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(g => g.Key!, g => g.First(), StringComparer.OrdinalIgnoreCase));

    // In a self-contained deployment these are one folder: the host's own assemblies then count as the framework's, which only
    // makes the check of dependencies more lenient.
    private static readonly HashSet<string?> FrameworkFolders =
    [
        Path.GetDirectoryName(typeof(object).Assembly.Location),
        Path.GetDirectoryName(Files.Value.GetValueOrDefault("Microsoft.AspNetCore")),
    ];

    /// <summary>The file of an assembly; null when the host has none of that name.</summary>
    public static string? Find(string name) => Files.Value.GetValueOrDefault(name);

    public static bool IsFramework(string file) => FrameworkFolders.Contains(Path.GetDirectoryName(file));

    /// <summary>The version of an assembly, read without loading it.</summary>
    public static Version VersionOf(string file) => AssemblyName.GetAssemblyName(file).Version ?? new(0, 0, 0, 0);
}
