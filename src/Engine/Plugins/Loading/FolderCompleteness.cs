using System.Runtime.InteropServices;
using System.Text.Json;

namespace PluginHost.Engine.Plugins.Loading;

/// <summary>Whether the files of a plugin's folder have been written completely, as far as that can be seen from outside.</summary>
internal static class FolderCompleteness
{
    /// <returns>What is missing or broken; null for a complete folder.</returns>
    public static string? FindMissing(string folder)
    {
        var plugin = new PluginFolder(folder);
        try
        {
            if (!File.Exists(plugin.File)) return $"'{plugin.File}' is missing.";
            if (AssemblyFacts.Read(plugin.File) is null) return $"'{plugin.File}' is not a whole .NET assembly.";
            return FindMissingLibrary(folder, Path.ChangeExtension(plugin.File, ".deps.json"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            return e.Message;
        }
    }

    private static string? FindMissingLibrary(string folder, string deps)
    {
        if (!File.Exists(deps)) return null;
        using var document = JsonDocument.Parse(File.ReadAllBytes(deps));
        foreach (var name in Libraries(document.RootElement).Where(n => SharedAssemblies.VersionOf(n) is null))
        {
            var file = Path.Combine(folder, $"{name}.dll");
            if (!File.Exists(file)) return $"'{file}' is missing.";
            if (AssemblyFacts.Read(file) is null) return $"'{file}' is not a whole .NET assembly.";
        }

        return NativeFiles(document.RootElement).Select(name => Path.Combine(folder, name)).FirstOrDefault(file => !File.Exists(file)) is { } native
            ? $"'{native}' is missing."
            : null;
    }

    /// <summary>The native libraries for this system that a deps.json lists, without those of the host.</summary>
    private static IEnumerable<string> NativeFiles(JsonElement deps) =>
        deps.TryGetProperty("targets", out var targets)
            ? targets.EnumerateObject()
                .SelectMany(target => target.Value.EnumerateObject())
                .Where(library => library.Value.TryGetProperty("runtimeTargets", out _))
                .SelectMany(library => library.Value.GetProperty("runtimeTargets").EnumerateObject())
                .Where(file => file.Value.TryGetProperty("rid", out var rid) && rid.GetString() == RuntimeInformation.RuntimeIdentifier
                    && file.Value.TryGetProperty("assetType", out var type) && type.GetString() == "native"
                    && !file.Name.Contains("e_sqlite3", StringComparison.Ordinal))
                .Select(file => file.Name)
            : [];

    /// <summary>The names of the managed libraries that a deps.json lists.</summary>
    private static IEnumerable<string> Libraries(JsonElement deps) =>
        deps.TryGetProperty("targets", out var targets)
            ? targets.EnumerateObject()
                .SelectMany(target => target.Value.EnumerateObject())
                .Where(library => library.Value.TryGetProperty("runtime", out _))
                .SelectMany(library => library.Value.GetProperty("runtime").EnumerateObject())
                .Select(file => Path.GetFileNameWithoutExtension(file.Name))
            : [];
}
