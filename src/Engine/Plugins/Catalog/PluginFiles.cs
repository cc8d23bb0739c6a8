using System.Security.Cryptography;

namespace PluginHost.Engine.Plugins.Catalog;

/// <summary>The files of a plugin's folder that determine what code runs.</summary>
internal static class PluginFiles
{
    // Symbols and documentation are never loaded; every other file may be, or names what is.
    private static readonly string[] Harmless = [".pdb", ".xml"];

    /// <summary>Every such file below a folder, by its path in it, with the SHA-256 of its content in lower case.</summary>
    public static IReadOnlyList<(string Name, string Sha256)> Hash(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(f => !Harmless.Contains(Path.GetExtension(f), StringComparer.OrdinalIgnoreCase))
            .Order(StringComparer.Ordinal)
            .Select(f => (Path.GetRelativePath(folder, f), HashOf(f)))];

    private static string HashOf(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
