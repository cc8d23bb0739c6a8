using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;

namespace PluginHost.Engine.Plugins.Loading;

/// <summary>The assemblies that the host can load: the framework's and its own.</summary>
internal static class HostAssemblies
{
    private static readonly Lazy<Dictionary<string, string>> Files = new(() =>
        ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .GroupBy(Path.GetFileNameWithoutExtension, StringComparer.OrdinalIgnoreCase)
        .ToDictionary(g => g.Key!, g => g.First(), StringComparer.OrdinalIgnoreCase));

    private static readonly HashSet<string?> FrameworkFolders =
    [
        Path.GetDirectoryName(typeof(object).Assembly.Location),
        Path.GetDirectoryName(Files.Value.GetValueOrDefault("Microsoft.AspNetCore")),
    ];

    private static readonly bool BringsFramework = FrameworkFolders.Contains(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    // A host that brings its own framework has it in its own folder. Then its deps.json says which files are the framework's.
    private static readonly Lazy<FrozenSet<string>> OwnFramework = new(() =>
        ((string?)AppContext.GetData("APP_CONTEXT_DEPS_FILES") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(ReadFramework).ToFrozenSet(StringComparer.OrdinalIgnoreCase));

    // The files of a running process do not change, and each plugin refers to the same ones.
    private static readonly ConcurrentDictionary<string, Version> Versions = new(StringComparer.Ordinal);

    /// <summary>The file of an assembly; null when the host has none of that name.</summary>
    public static string? Find(string name) => Files.Value.GetValueOrDefault(name);

    public static bool IsFramework(string file) =>
        FrameworkFolders.Contains(Path.GetDirectoryName(file)) && (!BringsFramework || OwnFramework.Value.Contains(Path.GetFileName(file)));

    /// <summary>The version of an assembly, read without loading it.</summary>
    public static Version VersionOf(string file) => Versions.GetOrAdd(file, f => AssemblyName.GetAssemblyName(f).Version ?? new(0, 0, 0, 0));

    /// <summary>The files of the framework that a deps.json lists; none when the framework is installed elsewhere.</summary>
    internal static IReadOnlyList<string> ReadFramework(string deps)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(deps));
        return
        [
            .. document.RootElement.GetProperty("targets").EnumerateObject().SelectMany(t => t.Value.EnumerateObject())
                .Where(l => l.Name.StartsWith("runtimepack.", StringComparison.Ordinal) && l.Value.TryGetProperty("runtime", out _))
                .SelectMany(l => l.Value.GetProperty("runtime").EnumerateObject()).Select(f => Path.GetFileName(f.Name)),
        ];
    }
}
